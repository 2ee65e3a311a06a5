"""Finding studies below a folder."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path

from deepvein.core.errors import StudyError
from deepvein.core.progress import Progress, silent
from deepvein.studies.archive import is_zip
from deepvein.studies.dicom.files import files_below, is_dicomdir, read_headers
from deepvein.studies.dicom.header import Header
from deepvein.studies.location import StudyLocation
from deepvein.studies.nifti import holds_labels, is_nifti
from deepvein.studies.nrrd import is_nrrd, read_nrrd_header
from deepvein.studies.readers.dicom import contents


def find_studies(location: Path, progress: Progress | None = None) -> tuple[Path, ...]:
    """Every study at or below `location`, one path each, in the order of their paths.

    A DICOM study is named by the folder that holds all of its images and no other study, else by
    `PATH#STUDY_UID` (see `StudyLocation`); zip archives and DICOMDIRs likewise. Each NIfTI and NRRD file
    is a study, except files of bytes in a folder, which are masks. DICOM without CT or MR images does
    not count. A damaged archive is returned, so that reading it tells why. Raises StudyError if nothing
    is found.
    """
    place = StudyLocation.parse(location)
    show = progress or silent
    if place.study_uid:
        return (place.as_path(),)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = _below(place.path, show) if place.path.is_dir() else _in_file(place.path, show)
    if not found:
        raise StudyError(
            f"no study was found in {place.path}: no CT or MR DICOM images, zip, NIfTI or NRRD"
        )
    return tuple(sorted(dict.fromkeys(found)))


def _in_file(path: Path, progress: Progress) -> list[Path]:
    if is_nifti(path) or is_nrrd(path) or not (is_zip(path) or is_dicomdir(path)):
        return [path]
    try:
        uids = contents(path, progress).studies
    except StudyError:
        return [path]
    if len(uids) <= 1:
        return [path]
    return [StudyLocation(path, uid).as_path() for uid in uids]


def _below(folder: Path, progress: Progress) -> list[Path]:
    found: list[Path] = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            if name.startswith("."):
                continue
            if _is_image_file(path):
                found.append(path)
            elif name.lower().endswith(".zip"):
                found += _in_file(path, progress)
    headers = [h for h in read_headers(files_below(folder), progress) if h.frames]
    return found + _dicom_studies(folder, headers)


def _is_image_file(path: Path) -> bool:
    if is_nifti(path):
        return not holds_labels(path)
    if is_nrrd(path):
        try:
            header = read_nrrd_header(path)
        except StudyError:
            return True
        return header.layers == 1 and header.kind not in (
            "uchar",
            "unsigned char",
            "uint8",
            "uint8_t",
        )
    return False


def _dicom_studies(folder: Path, headers: Sequence[Header]) -> list[Path]:
    """The highest folder below `folder` that holds a whole study and no other, or `PATH#UID`."""
    homes: dict[str, set[Path]] = {}
    for header in headers:
        homes.setdefault(header.study_uid, set()).add(header.path.parent)
    out = []
    for uid, parents in homes.items():
        others = [other for name, group in homes.items() if name != uid for other in group]
        top = Path(os.path.commonpath(parents))
        alone = _is_alone(top, others)
        while alone and folder in top.parent.parents and _is_alone(top.parent, others):
            top = top.parent
        out.append(StudyLocation(top, None if alone else uid).as_path())
    return out


def _is_alone(folder: Path, others: Sequence[Path]) -> bool:
    return not any(other.is_relative_to(folder) for other in others)
