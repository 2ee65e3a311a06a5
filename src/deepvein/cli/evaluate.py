"""`deepvein evaluate`: how good models are on labelled cases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deepvein.cli.options import CohortFolder, Device, check_out
from deepvein.cli.terminal import Terminal
from deepvein.core.errors import CohortError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rich.table import Table

    from deepvein.cohorts.cohort import Cohort
    from deepvein.core.progress import Progress
    from deepvein.screening.model_trial import TargetOutcome
    from deepvein.screening.models import Measurement, Metric

RESULT = "measurement.json"


def evaluate(
    terminal: Terminal,
    *,
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="Folder of a run, a model, or a bundle of models.")
    ],
    cohort: CohortFolder,
    split: Annotated[
        str | None,
        typer.Option(
            "--split", help="Only the cases of this split, such as test.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help=f"Folder to write {RESULT} to.", show_default=False),
    ] = None,
    device: Device = "auto",
) -> None:
    """Measure a model, or a bundle as `deepvein screen` uses it, on labelled cases.

    Intervals are 95 % bootstraps over patients. Figures mean something on patients alone that the model
    was not trained on.
    """
    if out is not None:
        check_out(out)
    from deepvein.cohorts.cohort import Cohort
    from deepvein.screening.models import BUNDLE_FILE

    labelled = Cohort.load(cohort)
    if split is not None:
        labelled = labelled.of_split(split)
    measure = _measure_bundle if (run / BUNDLE_FILE).is_file() else _measure_model
    with terminal.progress() as progress:
        measured = measure(run, labelled, device, progress)
    terminal.show(_table(measured))
    terminal.emit(measured)
    if out is not None:
        from deepvein.core import settings

        out.mkdir(parents=True, exist_ok=True)
        settings.save(measured, out / RESULT)
        terminal.show(f"Figures: {out / RESULT}")


def _measure_bundle(folder: Path, cohort: Cohort, device: str, progress: Progress) -> Measurement:
    from deepvein.screening.measurement import measure
    from deepvein.screening.models import load_bundle
    from deepvein.screening.trial import run_trial

    models = load_bundle(folder)
    modality = models.bundle.modality
    cohort = cohort.of_modality(modality)
    if not len(cohort):
        raise CohortError(f"{cohort.root} has no {modality.value} case, which {folder} screens")
    outcomes = list(run_trial(models, cohort, device, progress))
    return measure(outcomes, str(cohort.root), models.bundle.operating_point)


def _measure_model(folder: Path, cohort: Cohort, device: str, progress: Progress) -> Measurement:
    from deepvein.screening.model_trial import run_model_trial
    from deepvein.screening.models import Measurement

    outcomes = list(run_model_trial(folder, cohort, device, progress))
    cases = {outcome.case.case: outcome.case for outcome in outcomes}
    metrics = [
        metric
        for target in dict.fromkeys(outcome.target for outcome in outcomes)
        for metric in figures([one for one in outcomes if one.target == target])
    ]
    return Measurement(
        cohort=str(cohort.root),
        cases=len(cases),
        with_dvt=sum(case.has_dvt is True for case in cases.values()),
        metrics=tuple(metrics),
    )


def figures(outcomes: Sequence[TargetOutcome]) -> list[Metric]:
    """Mean Dice, precision and recall of one target over the cases that show it; none if no case does."""
    import numpy as np

    from deepvein.evaluation.statistics import bootstrap
    from deepvein.screening.models import Metric

    shown = [one for one in outcomes if one.overlap.true_positives + one.overlap.false_negatives]
    if not shown:
        return []
    patients = [one.case.patient for one in shown]
    found = []
    for name in ("dice", "precision", "recall"):
        values = np.array([getattr(one.overlap, name) for one in shown])

        def mean_of(rows: NDArray[np.int64], values: NDArray[np.float64] = values) -> float:
            return float(values[rows].mean())

        estimate = bootstrap(mean_of, patients)
        label = f"{shown[0].target} {name.replace('dice', 'Dice')}"
        found.append(Metric(label, estimate.value, estimate.low, estimate.high))
    return found


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
