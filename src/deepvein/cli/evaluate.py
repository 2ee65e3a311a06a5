"""`deepvein evaluate`: how good models are on labelled cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deepvein.cli.options import CohortFolder, Device, check_out
from deepvein.cli.terminal import Terminal

if TYPE_CHECKING:
    from rich.table import Table

    from deepvein.screening.models import Measurement


def evaluate(
    terminal: Terminal,
    *,
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="Folder of a run or of a bundle of models.")
    ],
    cohort: CohortFolder,
    split: Annotated[
        str | None, typer.Option("--split", help="Only the cases of this split, such as test.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the figures.", show_default=False)
    ] = None,
    device: Device = "auto",
) -> None:
    """Measure models on labelled cases that they have not seen."""
    if out is not None:
        check_out(out)
    from deepvein.cohorts.cohort import Cohort
    from deepvein.screening.measurement import measure
    from deepvein.screening.models import load_bundle
    from deepvein.screening.trial import run_trial

    models = load_bundle(run)
    labelled = Cohort.load(cohort)
    if split is not None:
        labelled = labelled.of_split(split)
    with terminal.progress() as progress:
        outcomes = list(run_trial(models, labelled, device, progress))
    measured = measure(outcomes, str(cohort), models.bundle.operating_point)
    terminal.show(_table(measured))
    terminal.emit(measured)
    if out is not None:
        from deepvein.core import settings

        out.mkdir(parents=True, exist_ok=True)
        settings.save(measured, out / "measurement.json")
        terminal.show(f"Figures: {out / 'measurement.json'}")


def _table(measured: Measurement) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    title = f"{measured.cohort}: {measured.cases} cases, {measured.with_dvt} with DVT"
    table = Table("measure", box=SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    table.add_column("value", justify="right")
    table.add_column("95 % interval", justify="right")
    for metric in measured.metrics:
        interval = "" if metric.low is None else f"{metric.low:.2f} to {metric.high:.2f}"
        table.add_row(metric.name, f"{metric.value:.3f}", interval)
    return table
