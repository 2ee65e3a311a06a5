"""Masks that people or programs drew, one format a file; what exists is imported here."""

from deepvein.studies.masks import nifti, nrrd, rtstruct, seg
from deepvein.studies.masks.labels import Labels, Region
from deepvein.studies.masks.reader import MASK_READERS, MaskReader
from deepvein.studies.masks.reading import read_labels, read_mask, read_regions
from deepvein.studies.masks.truth import read_segments, read_thrombi

__all__ = [
    "MASK_READERS", "Labels", "MaskReader", "Region", "nifti", "nrrd", "read_labels", "read_mask",
    "read_regions", "read_segments", "read_thrombi", "rtstruct", "seg",
]  # fmt: skip
