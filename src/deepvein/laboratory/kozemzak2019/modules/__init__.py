"""What needs torch when it is imported."""
