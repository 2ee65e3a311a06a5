"""Many studies in one go: one bad study never stops the others."""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter

from deepvein.core.errors import DeepveinError, NothingToScreenError, OutputError, ReportError
from deepvein.core.files import clear_leftovers, storage_error
from deepvein.core.memory import available_bytes
from deepvein.core.progress import Progress, silent
from deepvein.core.workers import Workers, cores, each
from deepvein.findings.screening import Screening
from deepvein.reports import WRITERS, ReportContext
from deepvein.reports.manifest import Manifest, inputs
from deepvein.reports.writing import drafted, told
from deepvein.screening.bundle import BundleFolder, bundle_for
from deepvein.screening.needs import needed_bytes
from deepvein.screening.results import Results, results_at
from deepvein.screening.resume import Wanted, listing
from deepvein.screening.screen import screen
from deepvein.screening.summary import DONE, FAILED, INCOMPLETE, SKIPPED, SummaryRow, row_of
from deepvein.studies.location import StudyLocation
from deepvein.studies.study import Modality, Study

logger = logging.getLogger(__name__)


_SELDOM = 10.0
"""As many times as long as the summary takes to write, it is left as it is."""


@dataclass(frozen=True)
class BatchSummary:
    """What became of each study of one run."""

    rows: tuple[SummaryRow, ...]


def screen_many(  # noqa: PLR0913  (each is a choice of the caller, by name)
    locations: Iterable[Path],
    out: Path | str,
    *,
    modality: Modality | None = None,
    device: str = "auto",
    engine: str = "auto",
    models: BundleFolder | None = None,
    reports: tuple[str, ...] | None = None,
    resume: bool = False,
    overwrite: bool = False,
    workers: Workers = 1,
    progress: Progress = silent,
    on_result: Callable[[SummaryRow, Screening | None], None] | None = None,
) -> BatchSummary:
    """Screen every study in or below `locations`; reports go into one folder a study in `out`.

    summary.csv and summary.json in `out` tell of all studies of all runs, and are rewritten after each, or
    after several where there are so many that it would take more than a tenth of the time: an interrupted
    batch leaves a true account, but for rows of these last moments. Several runs may share one `out`.

    Parameters
    ----------
    locations
        Studies, and folders with studies at any depth.
    out
        Folder where the results go, made if it is not there; or a URL that fsspec knows, such as
        `s3://bucket/results`. There no two runs at a time may share it, a study that has come to lie
        elsewhere has another folder, and rows name folders relative to the URL.
    modality
        Needed where files do not tell it (NIfTI, NRRD).
    device, engine
        Where and by what the networks are computed, as for `screen`.
    models
        Another bundle than the one that comes with deepvein.
    reports
        Names of report writers; None for all.
    resume
        Leave out what an earlier run into `out` has screened from the same files by the same models and
        settings, with these reports.
    overwrite
        Replace files that were changed since they were written.
    workers
        Processes that screen studies at the same time, on an even share of the cores each. No more run at a
        time than there is memory for; a process that the system ends costs no other study, and its own is
        tried once more, alone. Or a cluster, whose machines must find studies and `out` under the same
        absolute paths.
    progress
        Called with (stage, done, total).
    on_result
        Called after each study; the screening is None where there is none, and where another process has it.

    Returns
    -------
    BatchSummary
        One row a study of this run, in the order in which they were done.

    Raises
    ------
    NothingToScreenError
        No study is found.
    OutputError
        The account cannot be written, or a machine of the cluster does not see `out`.
    """
    from deepvein.studies.discovery import find_studies

    run = _Run(
        results_at(out),
        Wanted(WRITERS.names() if reports is None else reports, modality, models),
        device,
        engine,
        resume,
        overwrite,
        progress,
    )

    account = _Account(run.folders)

    def keep(row: SummaryRow, screening: Screening | None) -> None:
        account.keep(row)
        if on_result is not None:
            on_result(row, screening)

    studies: list[Path] = []
    try:
        for location in locations:
            try:
                studies.extend(find_studies(location))
            except DeepveinError as error:
                keep(_failed(location, error, 0.0), None)
        sources = [study.absolute() for study in studies]
        if sources:
            run.folders.make()
        many = len(sources) > 1
        if many:
            progress("studies", 0, len(sources))
        with closing(run.studies(sources, workers)) as screened:
            for done, (row, screening) in enumerate(screened, start=1):
                keep(row, screening)
                if many:
                    progress("studies", done, len(sources))
    finally:
        account.write()
        run.clear()
    if not account.rows:
        raise NothingToScreenError("no study was found in what was given")
    return BatchSummary(tuple(account.rows))


@dataclass
class _Account:
    """Rows of this run, and how many of them the summary has, which is written anew each time."""

    folders: Results
    rows: list[SummaryRow] = field(default_factory=list)
    _written: int = 0
    _due: float = 0.0

    def keep(self, row: SummaryRow) -> None:
        self.rows.append(row)
        if perf_counter() >= self._due:
            self.write()

    def write(self) -> None:
        """Enter the rows that the summary lacks; the next time is due when ten times as long has passed."""
        if self._written == len(self.rows):
            return
        begun = perf_counter()
        self.folders.keep(*self.rows[self._written :])
        self._written = len(self.rows)
        self._due = perf_counter() + _SELDOM * (perf_counter() - begun)


@dataclass(frozen=True)
class _Run:
    """What holds for all studies of a batch."""

    folders: Results
    wanted: Wanted
    device: str
    engine: str
    resume: bool
    overwrite: bool
    progress: Progress
    listings: dict[Path, str] = field(default_factory=dict)

    def studies(
        self, sources: Sequence[Path], workers: Workers
    ) -> Generator[tuple[SummaryRow, Screening | None], None, None]:
        """All studies, one after the other here or on several processes, as they are done."""
        threads = 1
        if isinstance(workers, int):
            workers = min(workers, len(sources))
            if workers <= 1:
                yield from map(self.study, sources)
                return
            threads = max(1, cores() // workers)
        quiet = replace(self, progress=silent, folders=self.folders.for_others())
        needs = map(needed_bytes, sources)
        shared = each(
            quiet.row, sources, workers, threads=threads, sizes=needs, room=available_bytes()
        )
        for number, given in shared:
            row = given if isinstance(given, SummaryRow) else _failed(sources[number], given, 0.0)
            yield row, None

    def clear(self) -> None:
        """Remove what processes that an interrupt ended in the middle of writing left."""
        for folder in self.folders.local:
            clear_leftovers(folder)

    def row(self, source: Path) -> SummaryRow:
        """What became of one study, without the study; asked of a process that may be on another machine.

        OutputError there, which ends all, if that machine does not see the folders: it would fail one study
        after the other.
        """
        for folder in (*self.folders.local, source.parent):
            if not folder.is_dir():
                raise OutputError(
                    f"machine {platform.node()} does not see {folder}; give folders that all machines of the "
                    "cluster have under the same path"
                )
        return self.study(source)[0]

    def study(self, source: Path) -> tuple[SummaryRow, Screening | None]:
        """Screen one study, unless it is done, and write its reports."""
        begun = perf_counter()
        try:
            row, screening = self._skipped(source), None
            if row is None:
                row, screening = self._screened(source)
        except DeepveinError as error:
            return _failed(source, error, perf_counter() - begun), None
        # Whatever goes wrong in one study, memory included, must not cost the others their reports.
        except Exception as error:
            logger.exception("%s could not be screened", source)
            return _failed(source, error, perf_counter() - begun), None
        return replace(row, seconds=perf_counter() - begun), screening

    def _skipped(self, source: Path) -> SummaryRow | None:
        """The row of a study none of whose files has changed since it was screened; None for others."""
        if not self.resume:
            return None
        now = (str(source), self._listing(source))
        for folder, manifest in self.folders.of_source(source):
            then = (manifest.inputs.location, manifest.inputs.listing)
            if then == now and now[1] and self._serves(manifest, folder):
                return row_of(manifest, source, folder, SKIPPED)
        return None

    def _screened(self, source: Path) -> tuple[SummaryRow, Screening | None]:
        from deepvein.studies.reading import read_study

        before = self._listing(source)
        study = read_study(source, self.wanted.modality, progress=self.progress)
        row = self._known(source, study)
        if row is not None:
            return row, None
        models = self.wanted.models or bundle_for(study.modality)
        result = screen(
            study,
            device=self.device,
            engine=self.engine,
            models=models,
            progress=self.progress,
        )
        context = ReportContext((models.folder,), models.bundle, before)
        names = self.wanted.reports
        with (
            self.folders.draft_folder() as beside,
            drafted(result, names, beside, context=context, progress=self.progress) as draft,
        ):
            folder = self.folders.place(draft, source, overwrite=self.overwrite)
        row = row_of(draft.manifest, source, folder, DONE)
        if draft.failed:
            code = ReportError.exit_code
            row = replace(row, status=INCOMPLETE, error=told(draft.failed), exit_code=code)
        return row, draft.screening

    def _listing(self, source: Path) -> str:
        """The state of the study's files when this run first came to their folder, which may hold many
        studies and is looked through once."""
        place = StudyLocation.parse(source).path
        if place not in self.listings:
            self.listings[place] = listing(place)
        return self.listings[place]

    def _known(self, source: Path, study: Study) -> SummaryRow | None:
        """The row of a study that holds the same as it did, though its files were copied or touched."""
        if not self.resume:
            return None
        files = inputs(study)
        known = self.folders.of_study(source, study, files)
        if known is None or known[1].inputs.sha256 != files.sha256:
            return None
        folder, manifest = known
        met = self._serves(manifest, folder)
        return row_of(manifest, source, folder, SKIPPED) if met else None

    def _serves(self, manifest: Manifest, folder: Path) -> bool:
        """Whether results are those that this run would make, and whole."""
        return self.wanted.is_met_by(manifest) and self.folders.is_as_written(folder, manifest)


def _failed(source: Path, error: Exception, seconds: float) -> SummaryRow:
    error = storage_error(error) or error
    if isinstance(error, DeepveinError):
        text, code = str(error), error.exit_code
    elif isinstance(error, MemoryError):
        text, code = f"{source}: the machine has too little memory for this study", 5
    else:
        text, code = f"{source}: internal error, {type(error).__name__}: {error}", 5
    return SummaryRow(
        source.name, str(source.absolute()), FAILED, error=text, exit_code=code, seconds=seconds
    )
