"""What goes to a destination, and what every kind of destination can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Outgoing:
    """One DICOM object on its way; the file is sent as it lies on disk."""

    uid: str
    sop_class: str
    path: Path


@dataclass(frozen=True)
class Parcel:
    """A result on its way.

    result: its number. objects: those that this destination has not accepted yet.
    """

    result: int
    study_uid: str
    accession_number: str
    verdict: str
    probability: float | None
    findings: int
    objects: tuple[Outgoing, ...]


Accepted = Callable[[str, int], None]
"""Called with the SOP Instance UID and the status for each object that the peer has said yes to."""


class Destination(Protocol):
    """Sends a parcel. What went wrong is returned in words, empty if nothing did; nothing is raised for
    what a peer or the network does. takes_objects: False for those that only hear of a result. commits: it is
    asked to commit itself to keep what it has accepted."""

    @property
    def name(self) -> str: ...

    @property
    def takes_objects(self) -> bool: ...

    @property
    def commits(self) -> bool: ...

    def send(self, parcel: Parcel, accepted: Accepted) -> str: ...
