"""Which folder holds the results of which study, whatever runs came before or run at the same time."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deepvein.core.errors import OutputError, SettingsError
from deepvein.core.windows_names import is_device
from deepvein.reports.manifest import MANIFEST, Inputs, Manifest, owner, read_manifest
from deepvein.reports.writing import Draft, is_whole, manifest_in, place
from deepvein.screening.summary import (
    DONE,
    SummaryRow,
    read_summary,
    row_of,
    set_aside,
    summary_state,
    with_row,
    write_summary,
)
from deepvein.studies.location import SUFFIXES
from deepvein.studies.study import Study

logger = logging.getLogger(__name__)

LOCK = ".deepvein.lock"
_PATIENCE_S = 600.0
_LONGEST = 80
"""Letters of a folder's name; file systems take 255 bytes, and a study may be named by folder and UID."""


class ResultFolders:
    """The result folders in `out` and the summary of them.

    A study keeps its folder: the manifest in it says whose results it holds. What is changed here is
    changed under a lock, so that several runs may write into one `out`, the array jobs of a cluster for
    instance.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self._rows: tuple[SummaryRow, ...] = ()
        self._read: tuple[int, int] | None = None
        self._damage = ""
        self._owners: dict[tuple[str, str], list[Path]] = {}
        self._seen: set[Path] = set()

    @property
    def local(self) -> tuple[Path, ...]:
        """What every machine must see that writes results."""
        return (self.out,)

    def for_others(self) -> ResultFolders:
        """The same for another process, without what this one has read."""
        return ResultFolders(self.out)

    @contextmanager
    def draft_folder(self) -> Iterator[Path]:
        """Where reports are made before they are placed."""
        self.make()
        yield self.out

    def is_as_written(self, folder: Path, manifest: Manifest) -> bool:
        """Whether a study's folder holds all that its manifest tells.

        By size alone: a look at the contents of all results would take longer than is gained.
        """
        return is_whole(folder) and all(
            (path := folder / one.name).is_file() and path.stat().st_size == one.bytes
            for one in manifest.outputs
        )

    def make(self) -> None:
        """Make `out`, readable to its owner alone, if it is not there; OutputError if it cannot be."""
        try:
            if not self.out.is_dir():
                self.out.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"cannot make the folder {self.out}: {error.strerror or error}"
            ) from error

    def of_source(self, source: Path) -> Iterator[tuple[Path, Manifest]]:
        """Folders that may hold results of the study at `source`, with their manifests."""
        for folder in self._candidates(source):
            manifest = manifest_in(folder)
            if manifest is not None:
                yield folder, manifest

    def of_study(self, source: Path, study: Study, files: Inputs) -> tuple[Path, Manifest] | None:
        """The folder that holds results of this very study, wherever it lay then, or None."""
        for folder in (*self._candidates(source), *self._owned(owner(study))):
            manifest = manifest_in(folder)
            if manifest is not None and manifest.is_of(study, files):
                return folder, manifest
        return None

    def place(self, draft: Draft, source: Path, *, overwrite: bool) -> Path:
        """Put reports into the study's folder, a new one if it has none; errors as `reports.write`."""
        study, files = draft.screening.study, draft.manifest.inputs
        with self._locked():
            known = self.of_study(source, study, files)
            folder = self._free(source) if known is None else known[0]
            place(draft, folder, overwrite=overwrite)
        return folder

    def keep(self, *new: SummaryRow) -> None:
        """Enter rows into the summary, beside those of all other runs."""
        with self._locked():
            rows = self.rows
            for row in new:
                rows = with_row(rows, row)
            if self._damage:
                logger.warning("%s; it was kept as %s", self._damage, set_aside(self.out))
            write_summary(rows, self.out)

    @property
    def rows(self) -> tuple[SummaryRow, ...]:
        """What became of every study of all runs, () if there was none; read again only where somebody has
        changed it."""
        state = summary_state(self.out)
        if state is None or state != self._read:
            try:
                self._rows, self._damage = read_summary(self.out), ""
            except SettingsError as error:
                self._rows, self._damage = self._rebuilt(), str(error)
            self._read = state
        return self._rows

    def _rebuilt(self) -> tuple[SummaryRow, ...]:
        """The rows of a damaged summary as the folders' manifests tell them; failures are not among them."""
        found = ((path.parent, read_manifest(path)) for path in self._manifests())
        return tuple(
            row_of(manifest, Path(manifest.inputs.location), folder, DONE)
            for folder, manifest in found
            if manifest is not None
        )

    def _owned(self, who: tuple[str, str]) -> Sequence[Path]:
        """The folders of a patient and study; of those that other runs have made meanwhile, too."""
        for path in self._manifests():
            if path in self._seen:
                continue
            manifest = read_manifest(path)
            if manifest is not None:
                self._owners.setdefault((manifest.patient_id, manifest.study_uid), []).append(
                    path.parent
                )
                self._seen.add(path)
        return self._owners.get(who, [])

    def _manifests(self) -> list[Path]:
        return sorted(self.out.glob(f"*/{MANIFEST}"))

    def _candidates(self, source: Path) -> Iterator[Path]:
        """Folders that the summary names for `source`, then those called after it."""
        named = (
            self.out / row.folder.name
            for row in self.rows
            if row.folder is not None and row.source == str(source)
        )
        called = []
        for folder in _names(self.out, source):
            if not folder.exists():
                break
            called.append(folder)
        yield from dict.fromkeys((*named, *called))

    def _free(self, source: Path) -> Path:
        """A folder that is not used, nor called as another but for capitals: where these do not count, as on
        many a disk to which results are copied, two studies would become one."""
        taken = {path.parent.name.casefold() for path in self._manifests()}
        return next(
            folder
            for folder in _names(self.out, source)
            if folder.name.casefold() not in taken and not _is_used(folder)
        )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        self.make()
        lock = FileLock(self.out / LOCK, timeout=_PATIENCE_S, mode=0o600)
        try:
            lock.acquire()
        except Timeout as error:
            raise OutputError(
                f"another run has been writing into {self.out} for {_PATIENCE_S / 60:.0f} minutes: wait "
                "for it, or choose another folder"
            ) from error
        except OSError as error:
            raise OutputError(
                f"cannot make {lock.lock_file}: {error.strerror or error}; choose a folder that can be "
                "written to"
            ) from error
        try:
            yield
        finally:
            lock.release()


def _names(out: Path, source: Path) -> Iterator[Path]:
    """Folders called after a study: name, name-2, name-3 and so on."""
    name = plain_name(source)
    yield out / name
    number = 2
    while True:
        yield out / f"{name}-{number}"
        number += 1


def plain_name(source: Path) -> str:
    """A study's name as that of a folder: letters, digits, "_", "-" and "." alone, and no device of Windows."""
    stem = source.name
    for suffix in SUFFIXES:
        stem = stem.removesuffix(suffix)
    name = re.sub(r"[^\w.-]+", "_", stem)[:_LONGEST].strip("._") or "study"
    return f"study_{name}" if is_device(name) else name


def _is_used(folder: Path) -> bool:
    return folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))
