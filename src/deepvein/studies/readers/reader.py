"""What a reader of one file format does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deepvein.core.progress import Progress, silent
from deepvein.core.registry import Registry
from deepvein.studies.account import FileRecord
from deepvein.studies.location import StudyLocation
from deepvein.studies.study import Modality, SeriesSummary, Study


@dataclass(frozen=True)
class Survey:
    """What lies at a location: every series, and what would become of each file."""

    series: tuple[SeriesSummary, ...]
    files: tuple[FileRecord, ...] = ()


class Reader(Protocol):
    """One input format. A reader writes nothing but temporary files and raises only errors of ours."""

    def accepts(self, path: Path) -> bool:
        """True if this reader is meant for the file or folder; looks at names and first bytes only."""

    def survey(
        self, location: StudyLocation, modality: Modality | None, progress: Progress = silent
    ) -> Survey:
        """What lies at `location`, without reading pixels; the series that `read` would take is chosen.

        Where there is no image that can be read, files are listed without series. Raises StudyError where
        several studies lie there."""

    def read(
        self, location: StudyLocation, modality: Modality | None, progress: Progress = silent
    ) -> Study:
        """The study at `location`; raises StudyError, GeometryError or NothingToScreenError."""


READERS: Registry[Reader] = Registry("reader")
