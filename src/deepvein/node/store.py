"""Where a node keeps its files: what is arriving, studies, what cannot be used, results."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

ARRIVING = "arriving"
"""Where files are that are on the disk, but not in the database yet."""

STUDIES, RESULTS = "studies", "results"

_PLAIN = re.compile(r"[0-9][0-9.]{0,63}")


@dataclass(frozen=True)
class Store:
    """The node's folder. Paths in the database are relative to it, so that it may be moved.

    arriving/RECEIVER: on disk, but not in the database yet. studies/STUDY/SERIES/INSTANCE.dcm.
    quarantine: what cannot be used. results/STUDY/REVISION.
    """

    folder: Path

    def arriving(self, receiver: str) -> Path:
        """Where a receiver puts files first."""
        return self.folder / ARRIVING / safe_name(receiver)

    def study(self, uid: str) -> Path:
        """The folder of a study's instances."""
        return self.folder / STUDIES / safe_name(uid)

    def instance(self, study_uid: str, series_uid: str, uid: str) -> Path:
        """The file of an instance."""
        return self.study(study_uid) / safe_name(series_uid) / f"{safe_name(uid)}.dcm"

    def quarantined(self, sha256: str) -> Path:
        """The file of an instance that cannot be used; the same bytes have the same place."""
        return self.folder / "quarantine" / f"{sha256}.dcm"

    def result(self, study_uid: str, revision: int) -> Path:
        """The folder of a result."""
        return self.folder / RESULTS / safe_name(study_uid) / str(revision)

    def relative(self, path: Path) -> str:
        """A path as the database keeps it."""
        return path.relative_to(self.folder).as_posix()

    def absolute(self, path: str) -> Path:
        """A path that the database keeps."""
        return self.folder / path


def safe_name(name: str) -> str:
    """A name for a file or folder: a valid UID as it is, anything else as a hash.

    UIDs come from outside, and may hold separators, dots alone or whatever else.
    """
    if _PLAIN.fullmatch(name):
        return name
    return f"x{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"
