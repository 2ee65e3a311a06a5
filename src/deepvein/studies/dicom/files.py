"""The files of a DICOM folder or DICOMDIR, and their headers."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from deepvein.core.errors import StudyError
from deepvein.core.progress import Progress, silent
from deepvein.studies.dicom.header import Header, looks_like_dicom, read_header

DICOMDIR_CLASS = "1.2.840.10008.1.3.10"
_NEVER = (".nii", ".gz", ".nrrd", ".nhdr", ".zip", ".json", ".html", ".csv", ".png", ".jpg", ".txt")
_SHOW_EVERY = 20


def files_below(folder: Path) -> tuple[Path, ...]:
    """All files below a folder in a fixed order, without hidden ones and those of other formats.

    Links to folders are not followed, so that a loop of links cannot catch the walk.
    """
    out: list[Path] = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        out += [
            Path(root, name)
            for name in sorted(names)
            if not name.startswith(".") and not name.lower().endswith(_NEVER)
        ]
    return tuple(out)


def is_dicom(path: Path) -> bool:
    """True if the first bytes of a file look like DICOM."""
    try:
        with path.open("rb") as file:
            return looks_like_dicom(file)
    except OSError:
        return False


def read_headers(paths: Iterable[Path], progress: Progress = silent) -> tuple[Header, ...]:
    """Headers of those `paths` that are DICOM, in their order; a DICOMDIR is left out."""
    listed = tuple(paths)
    out = []
    for done, path in enumerate(listed):
        if done % _SHOW_EVERY == 0:
            progress("reading headers", done, len(listed))
        header = read_header(path)
        if header is not None and header.sop_class != DICOMDIR_CLASS:
            out.append(header)
    progress("reading headers", len(listed), len(listed))
    return tuple(out)


def is_dicomdir(path: Path) -> bool:
    header = read_header(path) if path.is_file() and is_dicom(path) else None
    return header is not None and header.sop_class == DICOMDIR_CLASS


def dicomdir_files(path: Path) -> tuple[Path, ...]:
    """The files that a DICOMDIR lists, in its order.

    Raises StudyError if it cannot be read, names files that are not there, or names one outside its folder.
    """
    from pydicom.filereader import dcmread

    try:
        records = dcmread(path).DirectoryRecordSequence
        listed = [record.get("ReferencedFileID") for record in records]
    except Exception as error:
        raise StudyError(f"the DICOMDIR {path} is damaged: give its folder instead") from error
    root = path.parent.resolve()
    actual = {str(file.relative_to(root)).lower(): file for file in files_below(root)}
    out: list[Path] = []
    lost: list[Path] = []
    for entry in listed:
        if not entry:
            continue
        parts = [entry] if isinstance(entry, str) else [str(part) for part in entry]
        wanted = root.joinpath(*parts)
        if not Path(os.path.normpath(wanted)).is_relative_to(root):
            raise StudyError(f"the DICOMDIR {path} names {'/'.join(parts)}, outside its folder")
        found = wanted if wanted.is_file() else actual.get("/".join(parts).lower())
        (out if found else lost).append(found or wanted)
    if lost:
        raise StudyError(
            f"the DICOMDIR {path} lists {len(lost)} file(s) that are not there, first {lost[0]}; copy the "
            "whole medium"
        )
    return tuple(out)
