"""Losses, one a file; naming them imports none of the files, nor torch."""

from deepvein.training.losses.loss import LOSSES, Loss

__all__ = ["LOSSES", "Loss"]
