"""Results at a URL, such as `s3://bucket/results`, with the record that marks them as whole written last."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from deepvein.cohorts.foldercache import user_cache
from deepvein.core.errors import SettingsError, UsageError
from deepvein.core.store import Store
from deepvein.reports.manifest import MANIFEST, Inputs, Manifest, Output, manifest_from
from deepvein.reports.writing import ARRIVING, Draft, text_of
from deepvein.screening.result_folders import plain_name
from deepvein.screening.summary import (
    DONE,
    SUMMARIES,
    SummaryRow,
    read_summary,
    row_of,
    with_row,
    write_summary,
)
from deepvein.studies.study import Study

logger = logging.getLogger(__name__)

_PROBE = ".deepvein"


@dataclass(frozen=True)
class StoredResults:
    """Result folders in a store, and the summary of them: what `ResultFolders` is for a folder.

    A store has no locks. So a study's folder is called after the study and a hash of the path where it lies,
    and no two processes ever choose the same for two studies. Of two runs that write the summary in the same
    moment one loses rows; their results stay.
    """

    store: Store

    @property
    def local(self) -> tuple[Path, ...]:
        return ()

    def for_others(self) -> StoredResults:
        if self.store.protocol == "memory":
            raise UsageError(
                f"{self.store} is in the memory of this process, which others do not see: leave out --workers "
                "and --cluster"
            )
        return self

    def make(self) -> None:
        """See that the store lets itself be written to, before anything is computed; OutputError if not."""
        self.store.write(_PROBE, b"")
        self.store.remove(_PROBE)

    @contextmanager
    def draft_folder(self) -> Iterator[Path]:
        """A folder of this machine's: the drafts in it are the owner's alone, and go at their end or, after
        a kill, with the next draft."""
        folder = user_cache("drafts").root
        folder.mkdir(parents=True, exist_ok=True)
        yield folder

    def of_source(self, source: Path) -> Iterator[tuple[Path, Manifest]]:
        for name in _names(source):
            manifest = self._manifest(name)
            if manifest is not None:
                yield Path(name), manifest
            elif not self.store.sizes(name):
                return

    def of_study(self, source: Path, study: Study, files: Inputs) -> tuple[Path, Manifest] | None:
        """As of a folder, but that a study is not found again which lay elsewhere then."""
        for folder, manifest in self.of_source(source):
            if manifest.is_of(study, files):
                return folder, manifest
        return None

    def is_as_written(self, folder: Path, manifest: Manifest) -> bool:
        there = self.store.sizes(folder.name)
        return ARRIVING not in there and all(
            there.get(one.name) == one.bytes for one in manifest.outputs
        )

    def place(self, draft: Draft, source: Path, *, overwrite: bool) -> Path:
        """Send reports to the study's folder: first a mark, then the files, then the manifest.

        UsageError if a file is in the way that no run of ours wrote, or that has another size than we gave it,
        unless `overwrite` is set.
        """
        study, files = draft.screening.study, draft.manifest.inputs
        known = self.of_study(source, study, files)
        name = self._free(source) if known is None else known[0].name
        whole, begun = self._record(name, MANIFEST), self._record(name, ARRIVING)
        there, ours = self.store.sizes(name), {one.name for one in _outputs(begun)}
        ours |= {one.name for one in _outputs(whole) if there.get(one.name) == one.bytes}
        new = {one.name for one in draft.manifest.outputs}
        foreign = sorted(new & there.keys() - ours)
        if foreign and not overwrite:
            raise UsageError(
                f"{self.store}/{name} holds {', '.join(foreign)}, which this run would overwrite: move "
                "what is yours away, or add --overwrite"
            )
        text = text_of(draft.manifest).encode()
        self.store.write(f"{name}/{ARRIVING}", text)
        for one in draft.manifest.outputs:
            self.store.send(draft.folder / one.name, f"{name}/{one.name}")
        for gone in ours & there.keys() - new:
            self.store.remove(f"{name}/{gone}")
        self.store.write(f"{name}/{MANIFEST}", text)
        self.store.remove(f"{name}/{ARRIVING}")
        return Path(name)

    def keep(self, *new: SummaryRow) -> None:
        """Enter rows into the summary, beside those that earlier runs have left there."""
        told = self.store.read(SUMMARIES[0])
        rows = _rows(told)
        if rows is None:
            self._set_aside(told or b"")
            rows = self._rebuilt()
        for row in new:
            rows = with_row(rows, row)
        with tempfile.TemporaryDirectory(prefix="deepvein-") as folder:
            write_summary(rows, Path(folder))
            for name in SUMMARIES:
                self.store.write(name, (Path(folder) / name).read_bytes())

    @property
    def rows(self) -> tuple[SummaryRow, ...]:
        """What became of every study of all runs; folders are told by their names alone."""
        rows = _rows(self.store.read(SUMMARIES[0]))
        return self._rebuilt() if rows is None else rows

    def _set_aside(self, damaged: bytes) -> None:
        there = self.store.sizes()
        aside = next(name for n in count(1) if (name := f"summary.damaged-{n}.json") not in there)
        self.store.write(aside, damaged)
        logger.warning(
            "%s/%s is damaged; it was kept as %s, and made again from the manifests",
            self.store,
            SUMMARIES[0],
            aside,
        )

    def _rebuilt(self) -> tuple[SummaryRow, ...]:
        """Rows as the manifests tell them; failures are not among them."""
        folders = sorted(
            one.removesuffix(f"/{MANIFEST}") for one in self.store.sizes() if _is_record(one)
        )
        found = ((Path(name), self._manifest(name)) for name in folders)
        return tuple(
            row_of(manifest, Path(manifest.inputs.location), folder, DONE)
            for folder, manifest in found
            if manifest is not None
        )

    def _manifest(self, name: str) -> Manifest | None:
        """Whose results a folder holds, also if their writing was interrupted; None if nobody's."""
        return self._record(name, MANIFEST) or self._record(name, ARRIVING)

    def _record(self, name: str, record: str) -> Manifest | None:
        told = self.store.read(f"{name}/{record}")
        return None if told is None else manifest_from(told)

    def _free(self, source: Path) -> str:
        return next(name for name in _names(source) if not self.store.sizes(name))


def _rows(told: bytes | None) -> tuple[SummaryRow, ...] | None:
    """The rows in a summary's content, () if there is none; None if it is damaged."""
    with tempfile.TemporaryDirectory(prefix="deepvein-") as folder:
        if told is not None:
            (Path(folder) / SUMMARIES[0]).write_bytes(told)
        try:
            return read_summary(Path(folder))
        except SettingsError:
            return None


def _outputs(manifest: Manifest | None) -> tuple[Output, ...]:
    return () if manifest is None else manifest.outputs


def _is_record(name: str) -> bool:
    return name.count("/") == 1 and name.endswith(f"/{MANIFEST}")


def _names(source: Path) -> Iterator[str]:
    """Folders called after a study and the path where it lies."""
    digest = hashlib.sha256(str(source.absolute()).encode(errors="surrogateescape")).hexdigest()
    name = f"{plain_name(source)}-{digest[:12]}"
    yield name
    for number in count(2):
        yield f"{name}-{number}"
