"""The node's HTTP side: health, metrics, the work list, and who may see it."""
