"""A NRRD file as a study."""

from __future__ import annotations

from pathlib import Path

from deepvein.core.progress import Progress, silent
from deepvein.studies.location import StudyLocation
from deepvein.studies.nrrd import is_nrrd, read_nrrd, read_nrrd_header, surplus_of_nrrd
from deepvein.studies.readers.reader import READERS, Survey
from deepvein.studies.readers.scalar import require_modality, scalar_study, scalar_survey
from deepvein.studies.study import Format, Modality, Study


class NrrdReader:
    """One .nrrd file, or a .nhdr header with its data file beside it."""

    def accepts(self, path: Path) -> bool:
        return path.is_file() and is_nrrd(path)

    def survey(
        self, location: StudyLocation, modality: Modality | None, progress: Progress = silent
    ) -> Survey:
        return scalar_survey(location.path, read_nrrd_header(location.path).grid, modality)

    def read(
        self, location: StudyLocation, modality: Modality | None, progress: Progress = silent
    ) -> Study:
        wanted = require_modality(location.path, modality)
        progress("reading pixels", 0, 1)
        volume = read_nrrd(location.path)
        behind = surplus_of_nrrd(location.path)
        study = scalar_study(location, volume, wanted, Format.NRRD, behind)
        progress("reading pixels", 1, 1)
        return study


READERS.add("nrrd", NrrdReader())
