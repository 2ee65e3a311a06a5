"""`deepvein evaluate NEW --against OLD`: two bundles on the same cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from deepvein.cli.terminal import Terminal
from deepvein.core.errors import CohortError, UsageError

if TYPE_CHECKING:
    from rich.table import Table

    from deepvein.cli.evaluate import Trial
    from deepvein.cohorts.cohort import Cohort
    from deepvein.core.progress import Progress
    from deepvein.laboratory.trials.comparison import Comparison

RESULT = "comparison.json"


def compare(
    bundles: tuple[Path, Path], cohort: Cohort, how: Trial, progress: Progress
) -> Comparison:
    """By how much the second of two bundles is better than the first."""
    from deepvein.laboratory.trials.comparison import (
        COMPARED,
        RIGHT,
        Comparison,
        differences_of,
        unshared,
        untested,
    )
    from deepvein.laboratory.trials.estimates import not_measured
    from deepvein.laboratory.trials.trial import run_trial
    from deepvein.screening.bundle import load_bundle

    old, new = (load_bundle(folder) for folder in bundles)
    modality = new.bundle.modality
    if old.bundle.modality is not modality:
        raise UsageError(
            f"{old.folder} screens {old.bundle.modality.value}, {new.folder} {modality.value}: compare "
            "bundles for the same images"
        )
    cases = cohort.of_modality(modality)
    if not len(cases):
        raise CohortError(f"{cohort.root} has no {modality.value} case, which {new.folder} screens")
    before, after = (
        list(run_trial(one, cases, how.device, progress, workers=how.workers, keep=how.keep))
        for one in (old, new)
    )
    sick = sum(one.has_dvt for one in after)
    points = (old.bundle.operating_point, new.bundle.operating_point)
    made = differences_of(before, after, points)
    return Comparison(
        old=str(old.folder),
        new=str(new.folder),
        cohort=str(cases.root),
        cases=len(cases),
        with_dvt=sick,
        patients=len({one.case.patient for one in after}),
        differences=made,
        notes=(
            *not_measured((*COMPARED, RIGHT), made, len(cases), sick),
            *unshared(before, after),
            *untested(made, cases.cases),
        ),
    )


def tell(terminal: Terminal, made: Comparison, out: Path | None) -> None:
    """Show a comparison, and write it into the folder `out` unless that is None."""
    terminal.show(_table(made))
    for note in made.notes:
        terminal.show(note[:1].upper() + note[1:])
    terminal.emit(made)
    if out is not None:
        from deepvein.core import settings
        from deepvein.core.files import make_folder

        make_folder(out)
        settings.save(made, out / RESULT)
        terminal.show(f"Figures: {out / RESULT}")


def _table(made: Comparison) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from deepvein.screening.bundle import of_patients

    title = (
        f"{made.cohort}: {made.cases} cases, {made.with_dvt} with DVT{of_patients(made.patients)}"
    )
    table = Table("measure", box=SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    for name in ("old", "new", "new − old", "95 % interval", "p"):
        table.add_column(name, justify="right")
    table.add_column("test (p by Holm)")
    for one in made.differences:
        table.add_row(
            one.name,
            f"{one.old:.3f}",
            f"{one.new:.3f}",
            f"{one.difference:+.3f}",
            "" if one.low is None else f"{one.low:+.3f} to {one.high:+.3f}",
            "" if one.p is None else f"{one.p:.3f}",
            "" if one.p_holm is None else f"{one.test} ({one.p_holm:.3f})",
        )
    return table
