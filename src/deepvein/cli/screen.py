"""`deepvein screen`: the main job, for one study or many."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deepvein.cli.cluster import Cluster, workforce
from deepvein.cli.options import (
    Device,
    EngineOption,
    ModalityOption,
    check_out,
    modality_of,
    report_names,
)
from deepvein.cli.terminal import Terminal
from deepvein.core.errors import UsageError

if TYPE_CHECKING:
    from rich.table import Table

    from deepvein.findings.screening import Screening
    from deepvein.screening.summary import SummaryRow

Studies = Annotated[
    list[Path],
    typer.Argument(
        metavar="STUDY",
        help="DICOM folder, zip or DICOMDIR; NIfTI or NRRD file; or a folder of studies.",
    ),
]
ReportNames = Annotated[
    str | None,
    typer.Option(
        "--reports",
        "--write",
        help="Only these, such as json,html (all: seg, sr, presentation, keys, nifti, json, pdf, html, "
        "manifest).",
    ),
]

Models = Annotated[
    Path | None,
    typer.Option("--models", help="Folder of another bundle of models.", show_default=False),
]


OutPlace = Annotated[
    str,
    typer.Option(
        "--out",
        "-o",
        metavar="FOLDER|URL",
        help="Folder to write to, or a URL such as s3://bucket/results.",
        show_default=False,
    ),
]


def screen(
    terminal: Terminal,
    *,
    studies: Studies,
    out: OutPlace,
    modality: ModalityOption = None,
    device: Device = "auto",
    engine: EngineOption = "auto",
    reports: ReportNames = None,
    models: Models = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Leave out studies that are done in --out.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Screen again what is done in --out.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            help="Studies screened at the same time, each in a process of its own, as memory allows.",
            show_default="1",
        ),
    ] = None,
    cluster: Cluster = None,
) -> None:
    """Look for deep vein thrombosis and write a report for each study.

    One bad study never stops the others; summary.csv and summary.json in --out list all of them.
    """
    place = _place(out)
    if resume and overwrite:
        raise UsageError("--resume and --overwrite exclude one another, give one of them")
    names = None if reports is None else report_names(reports)

    from deepvein.screening.batch import screen_many
    from deepvein.screening.bundle import load_bundle
    from deepvein.screening.results import results_at
    from deepvein.screening.summary import FAILED

    # Without either option studies would be screened again unasked, unless all of them have failed.
    known = results_at(place).rows
    if not (resume or overwrite) and any(row.status != FAILED for row in known):
        raise UsageError(f"{out} holds results already; add --resume, --overwrite or another --out")

    def show(row: SummaryRow, screening: Screening | None) -> None:
        _show(terminal, row, screening, place)

    with terminal.progress() as progress, workforce(cluster, workers, device=device) as processes:
        summary = screen_many(
            tuple(studies),
            place if cluster is None or isinstance(place, str) else place.absolute(),
            modality=modality_of(modality),
            device=device,
            engine=engine,
            models=None if models is None else load_bundle(models.absolute()),
            reports=names,
            resume=resume,
            overwrite=overwrite,
            workers=processes,
            progress=progress,
            on_result=show,
        )
    worst = max(row.exit_code for row in summary.rows)
    if len(summary.rows) > 1:
        terminal.show(f"{_counts(summary.rows)} Summary: {_within(place, 'summary.csv')}")
    if any(row.verdict for row in summary.rows):
        terminal.show("Research use only; not a medical device.")
    terminal.emit({"out": place, "exit_code": worst, "studies": summary.rows})
    if worst:
        raise typer.Exit(worst)


def _place(out: str) -> Path | str:
    """The folder or the URL that `--out` names; UsageError or OutputError if it can be none."""
    from deepvein.core.store import folder_of

    folder = folder_of(out)
    if folder is None:
        return out
    check_out(folder)
    return folder


def _within(place: Path | str, name: Path | str) -> str:
    return f"{place.rstrip('/')}/{name}" if isinstance(place, str) else str(place / name)


def _show(
    terminal: Terminal, row: SummaryRow, screening: Screening | None, place: Path | str
) -> None:
    """The block of one study: verdict, findings, remarks, where the report lies."""
    from rich.text import Text

    if row.error:
        terminal.complain(f"{row.study}: ", row.error)
    if row.folder is None:
        return
    chance = "" if row.probability is None else f", probability {row.probability:.2f}"
    skipped = " (done before)" if row.status == "skipped" else ""
    terminal.show(Text.assemble((row.study, "bold"), f": {row.verdict}{chance}{skipped}"))
    if screening is not None:
        if screening.findings:
            terminal.show(_table(screening))
        for remark in screening.remarks:
            terminal.show(f"  {remark.sentence}")
    elif row.places:
        terminal.show(f"  {row.places}")
    if isinstance(place, str):
        terminal.show(f"  {_within(place, row.folder)}")
        return
    report = row.folder / "report.html"
    terminal.show(f"  {report if report.is_file() else row.folder}")


def _table(screening: Screening) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("", "place", "level"):
        table.add_column(title)
    for title in ("extent mm", "volume ml", "diameter mm"):
        table.add_column(title, justify="right")
    table.add_column("occlusion")
    for title in ("probability", "slice"):
        table.add_column(title, justify="right")
    for finding in screening.findings:
        table.add_row(
            str(finding.number),
            finding.place,
            finding.level.value,
            f"{finding.extent_mm:.0f}",
            f"{finding.volume_ml:.1f}",
            f"{finding.diameter_mm:.0f}",
            finding.occlusion.value,
            f"{finding.probability:.2f}",
            str(finding.key_slice),
        )
    return table


def _counts(rows: tuple[SummaryRow, ...]) -> str:
    counts: dict[str, int] = {}
    for row in rows:
        key = row.verdict or row.status
        counts[key] = counts.get(key, 0) + 1
    return f"{len(rows)} studies: " + ", ".join(f"{n} {key}" for key, n in counts.items()) + "."
