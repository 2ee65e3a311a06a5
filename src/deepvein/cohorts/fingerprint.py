"""Telling whether the files behind a path have changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from deepvein.cohorts.promised import promise_of
from deepvein.studies.location import StudyLocation
from deepvein.studies.masks.label_tables import label_tables
from deepvein.studies.nrrd import data_files


def fingerprint(path: Path | None) -> str:
    """A short text that changes with the path, and with size or time of any file behind it; `none` for None.

    Behind a folder lie all files below it, behind a DICOMDIR those of its folder, behind a .nhdr its data,
    behind a mask the tables that name its labels, behind a study `PATH#UID` all of PATH. The time
    of the last change of the file's record (ctime) counts too, since copying may set the other one
    back. For a file that is only promised the text changes with all that it will be made from.
    """
    if path is None:
        return "none"
    promise = promise_of(path)
    if promise is not None:
        return f"{promise.key[:16]}-{promise.name}"
    digest = hashlib.sha256(str(path).encode())
    for file in _behind(StudyLocation.parse(path).path):
        state = file.stat()
        digest.update(f"|{file}|{state.st_size}|{state.st_mtime_ns}|{state.st_ctime_ns}".encode())
    return digest.hexdigest()[:16]


def _behind(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from _below(path)
    elif path.name.upper() == "DICOMDIR":
        yield from _below(path.parent)
    else:
        yield path
        if path.name.lower().endswith(".nhdr"):
            yield from data_files(path)
        yield from label_tables(path)


def _below(folder: Path) -> Iterator[Path]:
    """All files below a folder in a fixed order, but for hidden ones."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(root, name) for name in sorted(names) if not name.startswith("."))
