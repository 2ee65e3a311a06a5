"""Huang et al. 2019: thrombus segmentation in contrast-enhanced MR venography."""

from deepvein.laboratory.huang2019.recipes import GN_UNET

__all__ = ["GN_UNET"]
