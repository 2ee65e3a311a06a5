"""What became of each file of a study, so that none is lost in silence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Fate(Enum):
    """What became of a file; the value is what people read."""

    USED = "used"
    OTHER_SERIES = "another series"
    OTHER_STUDY = "another study"
    COPY = "a copy"
    NO_IMAGE = "not an image"
    UNLISTED = "not listed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class FileRecord:
    """One file of a study.

    name: where it lies below the folder, or in the archive, that was given.
    why: which series or study it belongs to, what it is, or why it cannot be read; empty if it is used
    as a whole.
    """

    name: str
    fate: Fate
    why: str = ""
