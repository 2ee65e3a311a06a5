"""Input formats, one a file; what exists is imported here, in the order in which they are asked."""

from deepvein.studies.readers import nifti, nrrd, dicom  # isort: skip
from deepvein.studies.readers.reader import READERS, Reader, Survey

__all__ = ["READERS", "Reader", "Survey", "dicom", "nifti", "nrrd"]
