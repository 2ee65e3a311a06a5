"""Many studies in one go: one bad study never stops the others."""

from __future__ import annotations

import csv
import json
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from deepvein.core import settings
from deepvein.core.errors import DeepveinError, NothingToScreenError, SettingsError
from deepvein.core.progress import Progress, silent
from deepvein.findings.screening import Screening
from deepvein.screening.bundle import BundleFolder, bundle_for
from deepvein.screening.screen import screen
from deepvein.studies.study import Modality

logger = logging.getLogger(__name__)

DONE, FAILED, SKIPPED = "done", "failed", "skipped"


@dataclass(frozen=True)
class SummaryRow:
    """One study of a batch; `status` is done, failed or skipped (finished in an earlier run)."""

    study: str
    source: str
    status: str
    folder: Path
    modality: str = ""
    verdict: str = ""
    probability: float | None = None
    findings: int = 0
    places: str = ""
    error: str = ""
    exit_code: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class BatchSummary:
    rows: tuple[SummaryRow, ...]


def screen_many(
    locations: Iterable[Path],
    out: Path,
    *,
    modality: Modality | None = None,
    device: str = "auto",
    models: BundleFolder | None = None,
    reports: tuple[str, ...] | None = None,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress = silent,
    on_result: Callable[[SummaryRow, Screening | None], None] | None = None,
) -> BatchSummary:
    """Screen every study in or below `locations`; reports go into one folder a study in `out`.

    reports: names of report writers, None for all. resume: studies that an earlier run into `out` has
    finished are not screened again. overwrite: files in the results' way are replaced.
    on_result: called after each study.
    summary.csv and summary.json in `out` are rewritten after each study, so that an interrupted batch
    leaves a true account. Raises NothingToScreenError if no study is found.
    """
    from deepvein.studies.discovery import find_studies

    rows: list[SummaryRow] = []
    taken: set[str] = set()
    earlier = {row.source: row for row in read_summary(out)} if resume else {}

    def keep(row: SummaryRow, screening: Screening | None) -> None:
        rows.append(row)
        taken.add(row.folder.name)
        _write_summary(rows, out)
        if on_result is not None:
            on_result(row, screening)

    studies: list[Path] = []
    for location in locations:
        try:
            studies.extend(find_studies(location))
        except DeepveinError as error:
            keep(_failed(location, out / _free_name(location, taken), error, 0.0), None)
    for done, study in enumerate(studies):
        if len(studies) > 1:
            progress("studies", done, len(studies))
        row = earlier.get(str(study))
        if row is not None and row.status != FAILED and row.folder.is_dir():
            keep(replace(row, status=SKIPPED), None)
            continue
        folder = out / _free_name(study, taken)
        keep(*_screen_one(study, folder, modality, device, models, reports, overwrite, progress))
    if len(studies) > 1:
        progress("studies", len(studies), len(studies))
    if not rows:
        raise NothingToScreenError("no study was found in what was given")
    return BatchSummary(tuple(rows))


def _screen_one(
    source: Path,
    folder: Path,
    modality: Modality | None,
    device: str,
    models: BundleFolder | None,
    reports: tuple[str, ...] | None,
    overwrite: bool,
    progress: Progress,
) -> tuple[SummaryRow, Screening | None]:
    from deepvein.reports import ReportContext, write

    begun = perf_counter()
    try:
        result = screen(source, modality=modality, device=device, models=models, progress=progress)
        used = models or bundle_for(result.study.modality)
        context = ReportContext(model_folders=(used.folder,), settings=used.bundle)
        write(result, folder, reports, context=context, overwrite=overwrite, progress=progress)
    except DeepveinError as error:
        return _failed(source, folder, error, perf_counter() - begun), None
    # Whatever goes wrong in one study, memory included, must not cost the others their reports.
    except Exception as error:
        logger.exception("%s could not be screened", source)
        return _failed(source, folder, error, perf_counter() - begun), None
    row = SummaryRow(
        study=result.study.name,
        source=str(source),
        status=DONE,
        folder=folder,
        modality=result.study.modality.value,
        verdict=result.verdict.value,
        probability=result.probability,
        findings=len(result.findings),
        places="; ".join(finding.place for finding in result.findings),
        seconds=perf_counter() - begun,
    )
    return row, result


def _failed(source: Path, folder: Path, error: Exception, seconds: float) -> SummaryRow:
    if isinstance(error, DeepveinError):
        text, code = str(error), error.exit_code
    elif isinstance(error, MemoryError):
        text, code = f"{source}: the machine has too little memory for this study", 5
    else:
        text, code = f"{source}: internal error, {type(error).__name__}: {error}", 5
    return SummaryRow(
        source.name, str(source), FAILED, folder, error=text, exit_code=code, seconds=seconds
    )


def read_summary(out: Path) -> tuple[SummaryRow, ...]:
    """The rows of an earlier run into `out`; () if there was none."""
    path = out / "summary.json"
    if not path.is_file():
        return ()
    try:
        return tuple(settings.from_dict(SummaryRow, row) for row in json.loads(path.read_text()))
    except ValueError as error:
        raise SettingsError(f"{path} is damaged ({error}); remove it to start afresh") from error


def _write_summary(rows: list[SummaryRow], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    plain = [settings.to_dict(row) for row in rows]
    _replace(out / "summary.json", json.dumps(plain, indent=2) + "\n")
    names = [field.name for field in fields(SummaryRow)]
    temporary = out / "summary.csv.part"
    with temporary.open("w", newline="", encoding="utf-8") as file:
        writer: csv.DictWriter[Any] = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(plain)
    temporary.replace(out / "summary.csv")


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def _free_name(source: Path, taken: set[str]) -> str:
    """A folder name for a study's results that no other study of the batch has."""
    stem = source.resolve().name
    for suffix in (".gz", ".nii", ".nrrd", ".nhdr", ".zip", ".dcm"):
        stem = stem.removesuffix(suffix)
    name = re.sub(r"[^\w.-]+", "_", stem).strip("._") or "study"
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free
