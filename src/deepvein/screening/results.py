"""Where the results of a batch lie: in a folder, or at a URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from deepvein.core.store import Store, folder_of
from deepvein.reports.manifest import Inputs, Manifest
from deepvein.reports.writing import Draft
from deepvein.screening.result_folders import ResultFolders
from deepvein.screening.stored_results import StoredResults
from deepvein.screening.summary import SummaryRow
from deepvein.studies.study import Study


class Results(Protocol):
    """Folders of results, one a study, and the summary of them; what each method does is told by
    `ResultFolders`."""

    @property
    def local(self) -> tuple[Path, ...]: ...

    @property
    def rows(self) -> tuple[SummaryRow, ...]: ...

    def for_others(self) -> Results: ...

    def make(self) -> None: ...

    def draft_folder(self) -> AbstractContextManager[Path]: ...

    def of_source(self, source: Path) -> Iterator[tuple[Path, Manifest]]: ...

    def of_study(
        self, source: Path, study: Study, files: Inputs
    ) -> tuple[Path, Manifest] | None: ...

    def is_as_written(self, folder: Path, manifest: Manifest) -> bool: ...

    def place(self, draft: Draft, source: Path, *, overwrite: bool) -> Path: ...

    def keep(self, *new: SummaryRow) -> None: ...


def results_at(place: Path | str) -> Results:
    """The results in a folder or at a URL; `file:///…` is a folder."""
    folder = place if isinstance(place, Path) else folder_of(place)
    return StoredResults(Store(str(place))) if folder is None else ResultFolders(folder)
