"""`deepvein evaluate`: how good models are on labelled cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deepvein.cli.cluster import Cluster, workforce
from deepvein.cli.options import CohortFolder, Device, Keep, TrialWorkers, check_out
from deepvein.cli.terminal import Terminal
from deepvein.core.errors import CohortError, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rich.table import Table

    from deepvein.cohorts.case import Case
    from deepvein.cohorts.cohort import Cohort
    from deepvein.core.progress import Progress
    from deepvein.core.workers import Workers
    from deepvein.laboratory.trials.model_trial import TargetOutcome
    from deepvein.screening.bundle import Measurement, Metric, Subgroup

RESULT = "measurement.json"
_FIGURES = ("Dice", "precision", "recall")


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
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            help="Folder of the bundle that serves now: by how much RUN, a bundle too, is better.",
            show_default=False,
        ),
    ] = None,
    device: Device = "auto",
    workers: TrialWorkers = None,
    cluster: Cluster = None,
    keep: Keep = None,
) -> None:
    """Measure a model, or a bundle as `deepvein screen` uses it, on labelled cases.

    Intervals are 95 % bootstraps over patients. Of a bundle --out also gets the figures by kinds of
    thrombus and by centre, FROC and ROC curves and pictures of the failures (MEASURED.md); of a
    classifier the probability of every slice and what its surest answers rest on.
    Figures mean something on patients alone that the model was not trained on. With --against both
    bundles screen the same cases; intervals are those of the difference, new minus old.
    """
    if out is not None:
        check_out(out)
    from deepvein.cohorts.table_checks import load_sound
    from deepvein.screening.bundle import BUNDLE_FILE

    if cluster is not None:  # whose machines have working directories of their own
        run, cohort = run.absolute(), cohort.absolute()
        keep = None if keep is None else keep.absolute()
    labelled = load_sound(cohort)
    if split is not None:
        labelled = labelled.of_split(split)
    is_bundle = (run / BUNDLE_FILE).is_file()
    alone = (workers or 1) == 1 and cluster is None and keep is None
    if not is_bundle and not alone:
        raise UsageError(
            f"--workers, --cluster and --keep are for bundles; {run} holds no {BUNDLE_FILE}"
        )
    with terminal.progress() as progress, workforce(cluster, workers, device=device) as processes:
        how = Trial(device, processes, keep, out)
        if against is not None:
            from deepvein.cli.against import compare, tell

            compared = compare((against, run), labelled, how, progress)
        elif is_bundle:
            measured = _measure_bundle(run, labelled, how, progress)
        else:
            measured = _measure_model(run, labelled, device, out, progress)
    if against is not None:
        tell(terminal, compared, out)
        return
    _told(terminal, measured, run, out)


def _told(terminal: Terminal, measured: Measurement, run: Path, out: Path | None) -> None:
    """Show what was measured, and write it into `out` unless that is None."""
    if not measured.metrics:
        raise CohortError(
            f"{measured.cohort} tells nothing of {run}: {'; '.join(measured.notes)}; evaluate on cases that "
            "show what is looked for"
        )
    terminal.show(_table(measured))
    for note in measured.notes:
        terminal.show(note[:1].upper() + note[1:])
    if measured.subgroups:
        terminal.show(_parts_table(measured.subgroups))
    terminal.emit(measured)
    if out is not None:
        from deepvein.core import settings
        from deepvein.core.files import make_folder

        make_folder(out)
        settings.save(measured, out / RESULT)
        terminal.show(f"Figures: {out / RESULT}")


@dataclass(frozen=True)
class Trial:
    """How a bundle is tried; out: where its account goes, None for nowhere."""

    device: str
    workers: Workers
    keep: Path | None
    out: Path | None


def _measure_bundle(folder: Path, cohort: Cohort, how: Trial, progress: Progress) -> Measurement:
    from deepvein.laboratory.cards.card import write_account
    from deepvein.laboratory.trials.measurement import measure
    from deepvein.laboratory.trials.trial import run_trial
    from deepvein.screening.bundle import load_bundle

    models = load_bundle(folder)
    modality = models.bundle.modality
    cohort = cohort.of_modality(modality)
    if not len(cohort):
        raise CohortError(f"{cohort.root} has no {modality.value} case, which {folder} screens")
    outcomes = list(
        run_trial(models, cohort, how.device, progress, workers=how.workers, keep=how.keep)
    )
    measured = measure(outcomes, str(cohort.root), models.bundle.operating_point)
    measured = replace(measured, notes=(*_seen(models.model_folders, cohort), *measured.notes))
    if how.out is not None:
        write_account(models.bundle, measured, outcomes, how.out)
    return measured


def _measure_model(
    folder: Path, cohort: Cohort, device: str, out: Path | None, progress: Progress
) -> Measurement:
    from deepvein.training.checkpoints import read_description

    description = read_description(folder)
    if description.task == "classification":
        measured = _measure_classifier(folder, cohort, device, out, progress)
    else:
        measured = _measure_on_masks(folder, cohort, device, progress)
    shown = cohort.of_modality(description.modality)
    return replace(measured, notes=(*_seen((folder,), shown), *measured.notes))


def _seen(models: Sequence[Path], cohort: Cohort) -> tuple[str, ...]:
    """What to say of cases that models have met before."""
    from deepvein.training.checkpoints import read_description
    from deepvein.training.seen import seen_notes

    return seen_notes(map(read_description, models), cohort)


def _measure_on_masks(folder: Path, cohort: Cohort, device: str, progress: Progress) -> Measurement:
    from deepvein.laboratory.trials.model_trial import run_model_trial

    outcomes = list(run_model_trial(folder, cohort, device, progress))
    targets = list(dict.fromkeys(outcome.target for outcome in outcomes))
    metrics = [
        metric
        for target in targets
        for metric in figures([one for one in outcomes if one.target == target])
    ]
    names = [f"{target} {figure}" for target in targets for figure in _FIGURES]
    cases = {outcome.case.case: outcome.case for outcome in outcomes}
    return _measurement(cohort, cases, metrics, names)


def _measure_classifier(
    folder: Path, cohort: Cohort, device: str, out: Path | None, progress: Progress
) -> Measurement:
    from deepvein.inference.models import open_model
    from deepvein.laboratory.classification import judge, write_account
    from deepvein.laboratory.trials.estimates import metrics_of

    model = open_model(folder, device)
    judged = judge(model, cohort.of_modality(model.description.modality), progress)
    if out is not None:
        write_account(model, judged, out)
    names, estimates = zip(*judged.figures, strict=True)
    cases = {case.case: case for case in judged.cohort}
    return _measurement(cohort, cases, metrics_of(names, estimates), names)


def _measurement(
    cohort: Cohort, cases: Mapping[str, Case], metrics: Sequence[Metric], names: Sequence[str]
) -> Measurement:
    """names: of all figures that were asked for."""
    from deepvein.cohorts.labelling import has_dvt
    from deepvein.laboratory.trials.estimates import not_measured
    from deepvein.screening.bundle import Measurement

    sick = sum(has_dvt(case, cohort.cache) is True for case in cases.values())
    return Measurement(
        cohort=str(cohort.root),
        cases=len(cases),
        with_dvt=sick,
        metrics=tuple(metrics),
        notes=not_measured(names, metrics, len(cases), sick),
        patients=len({case.patient for case in cases.values()}),
    )


def figures(outcomes: Sequence[TargetOutcome]) -> list[Metric]:
    """Mean Dice, precision and recall of one target over the cases that show it; none if no case does."""
    import numpy as np

    from deepvein.evaluation.statistics import bootstrap
    from deepvein.laboratory.trials.estimates import metrics_of

    shown = [one for one in outcomes if one.overlap.true_positives + one.overlap.false_negatives]
    if not shown:
        return []
    patients = [one.case.patient for one in shown]
    names, estimates = [], []
    for name in _FIGURES:
        values = np.array([getattr(one.overlap, name.lower()) for one in shown])

        def mean_of(rows: NDArray[np.int64], values: NDArray[np.float64] = values) -> float:
            return float(values[rows].mean())

        names.append(f"{shown[0].target} {name}")
        estimates.append(bootstrap(mean_of, patients))
    return list(metrics_of(names, estimates))


def _table(measured: Measurement) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from deepvein.screening.bundle import of_patients

    title = (
        f"{measured.cohort}: {measured.cases} cases, {measured.with_dvt} with DVT"
        f"{of_patients(measured.patients)}"
    )
    table = Table("measure", box=SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    table.add_column("value", justify="right")
    table.add_column("95 % interval", justify="right")
    for metric in measured.metrics:
        interval = "" if metric.low is None else f"{metric.low:.2f} to {metric.high:.2f}"
        table.add_row(metric.name, f"{metric.value:.3f}", interval)
    return table


def _parts_table(parts: Sequence[Subgroup]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table("by", "group", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("n", justify="right")
    table.add_column("of")
    table.add_column("figures")
    for part in parts:
        figures = ", ".join(f"{metric.name} {metric.value:.2f}" for metric in part.metrics)
        table.add_row(part.by, part.group, str(part.count), part.unit, figures)
    return table
