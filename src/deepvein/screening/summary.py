"""summary.json and summary.csv: what became of each study that was ever screened into a folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from deepvein.core import settings
from deepvein.core.errors import SettingsError
from deepvein.core.files import write_text
from deepvein.core.spreadsheet import write_csv
from deepvein.reports.manifest import Manifest

DONE, INCOMPLETE, FAILED, SKIPPED = "done", "incomplete", "failed", "skipped"

_JSON, _CSV = SUMMARIES = ("summary.json", "summary.csv")


@dataclass(frozen=True)
class SummaryRow:
    """One study of a batch.

    status: done; incomplete, if a report could not be written; failed; or skipped, if an earlier run had
    done it. source: the absolute path that was given or found. folder: where its results lie, None if
    it has none; its name alone where the summary lies at a URL.
    """

    study: str
    source: str
    status: str
    folder: Path | None = None
    modality: str = ""
    verdict: str = ""
    probability: float | None = None
    findings: int = 0
    places: str = ""
    error: str = ""
    exit_code: int = 0
    seconds: float = 0.0


def read_summary(out: Path) -> tuple[SummaryRow, ...]:
    """The rows of earlier runs into `out`; () if there were none. SettingsError if they are damaged."""
    path = out / _JSON
    if not path.is_file():
        return ()
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(rows, list):
            raise ValueError(f"a list of rows was expected, not {type(rows).__name__}")
        return tuple(settings.from_dict(SummaryRow, row) for row in rows)
    except (ValueError, SettingsError) as error:
        raise SettingsError(
            f"{path} is damaged ({error}): rows are made again from the results beside it, but for studies "
            "that failed"
        ) from error


def set_aside(out: Path) -> Path:
    """Give a damaged summary.json another name, and tell it; none is ever overwritten."""
    number = 1
    while (aside := out / f"summary.damaged-{number}.json").exists():
        number += 1
    (out / _JSON).rename(aside)
    return aside


def row_of(manifest: Manifest, source: Path, folder: Path, status: str) -> SummaryRow:
    """The row of a study whose results lie in `folder`, as their manifest tells it."""
    answer = manifest.answer
    return SummaryRow(
        study=manifest.study,
        source=str(source),
        status=status,
        folder=folder,
        modality=answer.modality,
        verdict=answer.verdict,
        probability=answer.probability,
        findings=answer.findings,
        places=answer.places,
    )


def summary_state(out: Path) -> tuple[int, int] | None:
    """Changes whenever the summary is written; None if there is none."""
    try:
        told = (out / _JSON).stat()
    except OSError:
        return None
    return told.st_ino, told.st_mtime_ns


def write_summary(rows: Sequence[SummaryRow], out: Path) -> None:
    """Write both files; OutputError if there is no room."""
    plain = [settings.to_dict(row) for row in rows]
    write_text(out / _JSON, json.dumps(plain, indent=2) + "\n", private=True)
    names = [field.name for field in fields(SummaryRow)]
    write_csv(out / _CSV, names, ([row[name] for name in names] for row in plain), private=True)


def with_row(rows: Sequence[SummaryRow], row: SummaryRow) -> tuple[SummaryRow, ...]:
    """The rows with a new one in place of those that it makes obsolete, at the end if there are none.

    A row of the same result folder is obsolete, and one of the same source without a folder. A failure
    makes no earlier result obsolete: its reports are still there.
    """
    kept: list[SummaryRow] = []
    placed = False
    for old in rows:
        if _is_obsolete(old, row):
            if not placed:
                kept.append(row)
                placed = True
        else:
            kept.append(old)
    return tuple(kept) if placed else (*kept, row)


def _is_obsolete(old: SummaryRow, new: SummaryRow) -> bool:
    if old.folder is None:
        return old.source == new.source
    return new.folder is not None and old.folder.name == new.folder.name
