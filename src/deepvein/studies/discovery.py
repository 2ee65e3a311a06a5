"""Finding studies below a folder."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path

from deepvein.core.errors import GeometryError, StudyError
from deepvein.core.progress import Progress, silent
from deepvein.studies.archive import is_zip
from deepvein.studies.dicom.accounting import kind
from deepvein.studies.dicom.contents import contents
from deepvein.studies.dicom.dates import without_scattered
from deepvein.studies.dicom.examination import examinations
from deepvein.studies.dicom.files import (
    files_below,
    is_dicomdir,
    read_headers,
    without_copies,
)
from deepvein.studies.dicom.header import Header
from deepvein.studies.dicom.twins import without_twins
from deepvein.studies.location import StudyLocation
from deepvein.studies.nifti import holds_labels, is_nifti
from deepvein.studies.nrrd import is_nrrd, read_nrrd_header
from deepvein.studies.reading import is_other_volume


def find_studies(location: Path, progress: Progress | None = None) -> tuple[Path, ...]:
    """Every study at or below `location`, one path each, in the order of their paths.

    A DICOM study is named by the folder that holds all of its images and no other study, else by
    `PATH#STUDY_UID` (see `StudyLocation`); zip archives and DICOMDIRs likewise. Each NIfTI and NRRD file
    is a study, except files of bytes in a folder, which are masks. DICOM without CT or MR images does
    not count. What cannot be read but is called like a study is returned as well, so that reading it tells why:
    a damaged archive, a folder whose DICOM files are all damaged, and beside no images an archive of another
    kind or a volume of another format. Raises StudyError if nothing is found.
    """
    place = StudyLocation.parse(location)
    show = progress or silent
    if place.study_uid:
        return (place.as_path(),)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = _below(place.path, show) if place.path.is_dir() else _in_file(place.path, show)
    if not found:
        raise StudyError(f"no study was found in {place.path}: {_what_is_there(place.path)}")
    return tuple(sorted(dict.fromkeys(found)))


def _what_is_there(folder: Path) -> str:
    """Why a folder without a study holds none."""
    files = files_below(folder)
    kinds = sorted({kind(header) for header in read_headers(files)})
    if kinds:
        return f"its DICOM files are no CT or MR images, but {', '.join(kinds[:4])}"
    masks = [path for path in files if is_nifti(path) or is_nrrd(path)]
    if masks:
        return (
            f"its {len(masks)} NIfTI or NRRD file(s) hold bytes, as masks do; if {masks[0].name} is an image, "
            "give the file itself"
        )
    for path in files:
        if is_dicomdir(path):
            return f"{path.name} lists images of which none is there; copy the whole medium"
    packed = [path for path in files if path.suffix.lower() in (".gz", ".bz2", ".xz")]
    if packed:
        return f"it holds files that are packed one by one, first {packed[0].name}: unpack them"
    return "no CT or MR DICOM images, zip, NIfTI or NRRD"


def _in_file(path: Path, progress: Progress) -> list[Path]:
    if is_nifti(path) or is_nrrd(path) or not (is_zip(path) or is_dicomdir(path)):
        return [path]
    try:
        uids = [one.study_uid for one in contents(path, progress).examinations]
    except StudyError:
        return [path]
    if len(uids) <= 1 or not all(uids):
        return [path]
    return [StudyLocation(path, uid).as_path() for uid in uids]


def _below(folder: Path, progress: Progress) -> list[Path]:
    found: list[Path] = []
    files = [path for path in files_below(folder) if not path.name.startswith(".")]
    for path in files:
        if _is_image_file(path):
            found.append(path)
        elif path.suffix.lower() == ".zip":
            found += _in_file(path, progress)
    others = [path for path in files if not (is_nifti(path) or is_nrrd(path))]
    headers, _ = without_twins(without_copies(read_headers(others, progress))[0])
    dicom = _dicom_studies(folder, without_scattered(headers))
    homes = [StudyLocation.parse(place).path for place in dicom]
    for path in files:
        if is_other_volume(path) and not any(path.is_relative_to(home) for home in homes):
            found.append(path)
    return found + dicom


def _is_image_file(path: Path) -> bool:
    if is_nifti(path):
        return not holds_labels(path)
    if is_nrrd(path):
        try:
            header = read_nrrd_header(path)
        except (StudyError, GeometryError):
            return True
        return header.layers == 1 and header.kind not in (
            "uchar",
            "unsigned char",
            "uint8",
            "uint8_t",
        )
    return False


def _dicom_studies(folder: Path, headers: Sequence[Header]) -> list[Path]:
    """The highest folder below `folder` that holds a whole study and no other, or `PATH#UID`.

    Files that cannot be read are taken for parts of the study in whose folder they lie; a folder that
    holds nothing else is returned as well, so that reading it tells why.
    """
    homes = [
        (one.study_uid, {header.path.parent for header in one.headers})
        for one in examinations(headers)
    ]
    homes += _unread(headers, {uid for uid, _ in homes})
    places = []
    for index, (uid, parents) in enumerate(homes):
        others = [other for n, (_, group) in enumerate(homes) if n != index for other in group]
        top = Path(os.path.commonpath(parents))
        alone = _is_alone(top, others)
        while alone and folder in top.parent.parents and _is_alone(top.parent, others):
            top = top.parent
        places.append(StudyLocation(top, None if alone else uid or None))
    broken = {header.path.parent for header in headers if header.trouble}
    lost = [home for home in broken if not any(home.is_relative_to(place.path) for place in places)]
    tops = [home for home in lost if not any(other in home.parents for other in lost)]
    return [place.as_path() for place in (*places, *map(StudyLocation, tops))]


def _unread(headers: Sequence[Header], read: set[str]) -> list[tuple[str, set[Path]]]:
    """UIDs of studies of which nothing but damaged files is left, and the folders of these."""
    out: dict[str, set[Path]] = {}
    for header in headers:
        if header.trouble and header.study_uid and header.study_uid not in read:
            out.setdefault(header.study_uid, set()).add(header.path.parent)
    return list(out.items())


def _is_alone(folder: Path, others: Sequence[Path]) -> bool:
    return not any(other.is_relative_to(folder) for other in others)
