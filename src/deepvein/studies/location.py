"""Which study is meant: a path, and the study's UID where the path holds several."""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from deepvein.core.errors import StudyError

SUFFIXES = (".gz", ".nii", ".nrrd", ".nhdr", ".zip", ".dcm")
"""What the names of studies lose, in this order."""

_NAMED = re.compile(r"^(?P<path>.+)#(?P<uid>[0-9A-Za-z._-]+)$")


@dataclass(frozen=True)
class StudyLocation:
    """A file or folder and, where it holds several studies, the Study Instance UID of the one meant.

    It is written `PATH#UID`, which is also a valid `Path`: every function that takes a study's path
    takes that form, so that it can be typed on a command line and kept in a table.
    """

    path: Path
    study_uid: str | None = None

    @classmethod
    def parse(cls, location: Path | str | StudyLocation) -> StudyLocation:
        """The location that a path names; raises StudyError if nothing is there."""
        if isinstance(location, StudyLocation):
            return location
        path = Path(location).expanduser()
        if path.exists():
            return cls(path)
        named = _NAMED.match(str(path))
        if named and Path(named["path"]).exists():
            return cls(Path(named["path"]), named["uid"])
        told = absence(path)
        raise StudyError(f"{path} {told}; give a DICOM folder, zip or DICOMDIR, NIfTI or NRRD")

    def as_path(self) -> Path:
        """The plain path, or `PATH#UID` where the study has to be named."""
        if self.study_uid is None:
            return self.path
        return self.path.with_name(f"{self.path.name}#{self.study_uid}")

    @property
    def name(self) -> str:
        """A short name for people: the file or folder without suffixes, and the UID's tail."""
        stem = self.path.resolve().name
        for suffix in SUFFIXES:
            stem = stem.removesuffix(suffix)
        tail = f"-{self.study_uid.rsplit('.', 1)[-1]}" if self.study_uid else ""
        return printable(stem or "study") + tail


def absence(path: Path) -> str:
    """In what way nothing is at a path, as the rest of a sentence on it: a link may lead nowhere, and a name
    may be written otherwise, in capitals or in the two ways to write an accent."""
    if path.is_symlink():
        return f"is a link to {os.readlink(path)}, which is not there"
    lost = next((one for one in (*reversed(path.parents), path) if not one.exists()), path)
    try:
        beside = [
            one.name for one in lost.parent.iterdir() if _spelt(one.name) == _spelt(lost.name)
        ]
    except OSError:
        beside = []
    return f"does not exist, but {lost.parent / beside[0]} does" if beside else "does not exist"


def _spelt(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def printable(name: str) -> str:
    """A file's name as text that any file or screen takes: bytes that are no UTF-8 are written out."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
