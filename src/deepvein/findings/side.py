"""The side of a finding is that of its veins: see `veins.side`."""

from deepvein.veins.side import LEFT, RIGHT, UNSIDED, Midline, midline

__all__ = ["LEFT", "RIGHT", "UNSIDED", "Midline", "midline"]
