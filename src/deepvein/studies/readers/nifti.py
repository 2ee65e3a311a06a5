"""A NIfTI file as a study."""

from __future__ import annotations

from pathlib import Path

from deepvein.core.progress import Progress, silent
from deepvein.studies.location import StudyLocation
from deepvein.studies.nifti import is_nifti, read_nifti, read_nifti_grid, surplus_of_nifti
from deepvein.studies.readers.reader import READERS, Survey
from deepvein.studies.readers.scalar import require_modality, scalar_study, scalar_survey
from deepvein.studies.study import Format, Modality, Study


class NiftiReader:
    """One .nii or .nii.gz file; an uncompressed one is mapped, not copied, where its type allows."""

    def accepts(self, path: Path) -> bool:
        return path.is_file() and is_nifti(path)

    def survey(
        self, location: StudyLocation, modality: Modality | None, progress: Progress = silent
    ) -> Survey:
        return scalar_survey(location.path, read_nifti_grid(location.path), modality)

    def read(
        self, location: StudyLocation, modality: Modality | None, progress: Progress = silent
    ) -> Study:
        wanted = require_modality(location.path, modality)
        progress("reading pixels", 0, 1)
        volume = read_nifti(location.path, memory_map=True)
        behind = surplus_of_nifti(location.path)
        study = scalar_study(location, volume, wanted, Format.NIFTI, behind)
        progress("reading pixels", 1, 1)
        return study


READERS.add("nifti", NiftiReader())
