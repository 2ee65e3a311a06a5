"""Reading a study from disk, whatever its format."""

from __future__ import annotations

from pathlib import Path

from deepvein.core.errors import StudyError
from deepvein.core.progress import Progress, silent
from deepvein.studies.dicom.files import OTHER_ARCHIVE, is_archive
from deepvein.studies.location import StudyLocation
from deepvein.studies.readers import READERS, Reader
from deepvein.studies.study import Modality, Study

_VOLUMES = (".mha", ".mhd", ".mnc", ".mgh", ".mgz")
_CONVERTIBLE = (*_VOLUMES, ".vtk", ".tif", ".tiff")
"""Formats that other programs can turn into one of ours; `_VOLUMES` hold nothing but images of bodies."""


def read_study(
    location: Path | StudyLocation,
    modality: Modality | None = None,
    *,
    progress: Progress | None = None,
) -> Study:
    """Read one study onto one regular grid; nothing is written.

    Parameters
    ----------
    location
        A DICOM folder, file, zip archive or DICOMDIR, a NIfTI or NRRD file; `PATH#STUDY_UID` names one of
        several DICOM studies (see `StudyLocation`).
    modality
        What the study must be; needed for NIfTI and NRRD, which do not say.
    progress
        Called with (stage, done, total); None for silence.

    Returns
    -------
    Study
        Volume, identity, origin, and remarks on what was repaired or left out.

    Raises
    ------
    StudyError
        The files cannot be read as one study.
    GeometryError
        The slices do not lie on one regular grid.
    NothingToScreenError
        No series of a readable study can be screened.
    """
    place = StudyLocation.parse(location)
    return reader_of(place.path).read(place, modality, progress or silent)


def is_other_volume(path: Path) -> bool:
    """True for what is called like a study but is not opened: an archive, or a volume of another format."""
    return is_archive(path) or path.suffix.lower() in _VOLUMES


def reader_of(path: Path) -> Reader:
    """The reader for a file or folder; raises StudyError if none takes it."""
    for name in READERS.names():
        reader = READERS.get(name)
        if reader.accepts(path):
            return reader
    if is_archive(path):
        raise StudyError(
            f"{path} is {OTHER_ARCHIVE}, which is not opened: unpack it and give the folder, or pack it as zip"
        )
    if path.suffix.lower() in (".hdr", ".img"):
        raise StudyError(
            f"{path} is one of the two files of an image (Analyze or NIfTI), which are not read; save it as "
            "one .nii.gz"
        )
    if path.suffix.lower() in _CONVERTIBLE:
        raise StudyError(f"{path} is of a format that is not read; save it as NIfTI or NRRD")
    if path.is_file() and path.stat().st_size == 0:
        raise StudyError(f"{path} is empty; copy it again")
    raise StudyError(
        f"{path} is neither DICOM, a zip archive, NIfTI (.nii, .nii.gz) nor NRRD (.nrrd, .nhdr)"
    )
