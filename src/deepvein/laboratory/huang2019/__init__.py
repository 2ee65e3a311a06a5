"""Huang et al. 2019: thrombus segmentation in contrast-enhanced MR venography; recipes without torch."""

from deepvein.laboratory.huang2019 import recipes, sequences

__all__ = ["recipes", "sequences"]
