"""Proof of how hard the phantoms are: their figures beside published ones, and cheap readers that must fail."""
