"""The work of the study's steps; each is picklable, so that trainings can run side by side."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.core.progress import Progress
from deepvein.laboratory.huang2019 import published
from deepvein.laboratory.huang2019.cohort import make_cohort
from deepvein.laboratory.huang2019.experiments import Run
from deepvein.laboratory.huang2019.masks import keep_mask
from deepvein.laboratory.huang2019.profiles import Profile
from deepvein.laboratory.huang2019.results import (
    Context,
    PatientResult,
    measure,
    read_results,
    write_results,
)
from deepvein.laboratory.huang2019.tables import first_table
from deepvein.laboratory.report_page import cohort_name
from deepvein.laboratory.reproduced_model import Told, write_model_card, write_screening_bundle
from deepvein.phantoms.plan import GENERATOR
from deepvein.studies.study import Modality
from deepvein.training.machine import Machine

if TYPE_CHECKING:
    from deepvein.inference.models import Model

GENERATION = 1
"""Raised when the same settings come to other results (tests/golden tells)."""

GENERATIONS = {"huang2019": GENERATION, "phantoms": GENERATOR}

RESULTS, PREDICTIONS, MODEL = "results.csv", "predictions", "model"


@dataclass(frozen=True)
class Making:
    """The work of a step that makes synthetic patients."""

    profile: Profile
    centres: tuple[str, ...]
    processes: int

    def __call__(self, folder: Path, left_s: float | None, progress: Progress) -> bool:
        made = make_cohort(
            self.profile,
            folder,
            self.centres,
            processes=self.processes,
            stop_after_s=left_s,
            progress=progress,
        )
        return made is not None


@dataclass(frozen=True)
class Training:
    """The work of a step that trains one network and tests it on patients that it has not seen.

    The folder keeps the model, a mask a patient (`predictions`) and `results.csv`. cohort: a hospital's.
    validation: patients that end the training, None where it runs to its end.
    """

    run: Run
    training: Cohort
    test: Cohort
    machine: Machine
    cohort: Path | None = None
    validation: Cohort | None = None

    def __call__(self, folder: Path, left_s: float | None, progress: Progress) -> bool:
        from deepvein.inference.models import open_model
        from deepvein.training.run import train_recipe

        end = None if left_s is None else time.monotonic() + left_s
        result = train_recipe(
            self.run.experiment.recipe,
            self.training,
            folder / MODEL,
            validation=self.validation,
            machine=self.machine.sound_for(self.run.experiment.recipe.examples.spatial),
            stop_after_s=left_s,
            progress=progress,
        )
        if result.model is None:
            return False
        half = self.machine.precision == "bf16-mixed"
        model = open_model(folder / MODEL, self.machine.device, half=half)
        rows = {row.case: row for row in read_results(folder / RESULTS)}
        for done, case in enumerate(self.test):
            progress("testing", done, len(self.test))
            if case.case in rows:
                continue
            if end is not None and time.monotonic() > end:
                return False
            rows[case.case] = self._tested(case, folder, model)
            write_results(rows.values(), folder / RESULTS)
        write_model_card(told_of(self.run, list(rows.values()), self.cohort), folder / MODEL)
        for path in (folder / MODEL).glob("*.safetensors"):
            if path.name != "model.safetensors":  # where training stood is as large as three models
                path.unlink()
        return True

    def _tested(self, case: Case, folder: Path, model: Model) -> PatientResult:
        from deepvein.laboratory.huang2019.prediction import segment

        opened = open_case(case, self.test.cache)
        found = segment(model, case, self.test)
        keep_mask(found.mask, folder / PREDICTIONS / f"{case.case}.npz")
        run = self.run
        test = f"centre {run.centre}" if run.centre else f"fold {run.fold}"
        context = Context(run.experiment.name, test, found.seconds)
        return measure(opened, found.mask, context, synthetic=self.cohort is None)


@dataclass(frozen=True)
class Bundling:
    """The work of the step that makes a bundle for `deepvein screen --models` of one training."""

    run: Run
    out: Path
    cohort: Path | None

    def __call__(self, folder: Path, left_s: float | None, progress: Progress) -> bool:
        trained = self.out / self.run.name
        told = told_of(self.run, read_results(trained / RESULTS), self.cohort)
        write_screening_bundle(told, Modality.MR, trained / MODEL, "thrombus", folder)
        return True


def told_of(run: Run, rows: Sequence[PatientResult], cohort: Path | None) -> Told:
    """What the card of a training's model says; rows: of the patients that it was tested on."""
    return Told(
        f"{run.experiment.label} (`{run.experiment.recipe.name}`, {run.name})",
        published.CITATION,
        cohort_name(cohort, GENERATIONS),
        cohort is None,
        first_table(rows),
    )
