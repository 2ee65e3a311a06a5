"""Kozemzak et al. 2019: deep-vein segmentation and DVT classification in CT; recipes without torch."""

from deepvein.laboratory.kozemzak2019 import recipes

__all__ = ["recipes"]
