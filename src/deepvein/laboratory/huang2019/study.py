"""The whole study as steps: the cohort, every training with its test, and then the page."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from deepvein.cohorts.case import Case
from deepvein.cohorts.checks import require_folds, require_table
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.cohorts.splits import k_fold
from deepvein.core.errors import CohortError
from deepvein.core.kept import Terms
from deepvein.core.progress import Progress
from deepvein.laboratory.huang2019.cohort import make_cohort
from deepvein.laboratory.huang2019.experiments import CENTRES, Run, runs
from deepvein.laboratory.huang2019.masks import keep_mask
from deepvein.laboratory.huang2019.profiles import Profile
from deepvein.laboratory.huang2019.results import (
    Context,
    PatientResult,
    measure,
    read_results,
    write_results,
)
from deepvein.laboratory.huang2019.sequences import has_second
from deepvein.laboratory.steps import Standing, Step, standing
from deepvein.phantoms.plan import GENERATOR
from deepvein.studies.study import Modality
from deepvein.training.machine import Machine

if TYPE_CHECKING:
    from deepvein.inference.models import Model

GENERATION = 1
"""Raised when the same settings come to other results (tests/golden tells)."""

GENERATIONS = {"huang2019": GENERATION, "phantoms": GENERATOR}

COHORT, CENTRE_COHORT = "cohort", "cohort-centres"
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

    The folder keeps the model, a mask a patient (`predictions`) and `results.csv`.
    """

    run: Run
    training: Cohort
    test: Cohort
    machine: Machine

    def __call__(self, folder: Path, left_s: float | None, progress: Progress) -> bool:
        from deepvein.inference.models import open_model
        from deepvein.training.run import train_recipe

        end = None if left_s is None else time.monotonic() + left_s
        result = train_recipe(
            self.run.experiment.recipe,
            self.training,
            folder / MODEL,
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
        return measure(opened, found.mask, Context(run.experiment.name, test, found.seconds))


@dataclass(frozen=True)
class Study:
    """The reproduction: where it lies, how large it is and which part of it is wanted.

    cohort: a hospital's own folder, or None for the synthetic patients. models, folds: only these, empty
    for all. beyond: the experiments beyond the paper's tables. processes: trainings, or patients made, at
    a time. Raises UsageError for a model or fold that does not exist.
    """

    profile: Profile
    out: Path
    cohort: Path | None = None
    models: tuple[str, ...] = ()
    folds: tuple[int, ...] = ()
    beyond: bool = True
    machine: Machine = field(default_factory=Machine)
    processes: int = 1

    def __post_init__(self) -> None:
        runs(self.profile, self.models, self.folds)  # names are checked before anything is made

    @property
    def patients(self) -> Cohort:
        """The cases of the cross-validation, each with its fold; a hospital's table may bring folds.

        CohortError if there is none, if a patient lies in two folds, or if the folds are not the profile's.
        """
        if self.cohort is None:
            return Cohort.load(self.out / COHORT)
        table = Cohort.load(self.cohort)
        require_table(table)
        cases = table.of_modality(Modality.MR)
        cases = cases.select(lambda case: case.thrombi is not None)
        if not cases.cases:
            raise CohortError(f"{self.cohort} has no MR case with a thrombus map")
        if require_folds(cases, self.profile.folds):
            return cases
        return k_fold(cases, self.profile.folds, self.profile.seed)

    @property
    def by_centre(self) -> Cohort:
        """The cases of all centres together, for leaving out one centre after the other."""
        if self.cohort is not None:
            return self.patients
        main, others = self.patients, Cohort.load(self.out / CENTRE_COHORT)
        return Cohort(main.root, (*main.cases, *others.cases))

    @property
    def centres(self) -> tuple[str, ...]:
        if self.cohort is None:
            return CENTRES
        return tuple(sorted({case.centre for case in self.patients if case.centre}))

    @property
    def runs(self) -> tuple[Run, ...]:
        """What is trained; a hospital's cohort without second sequence or centres goes without."""
        return runs(
            self.profile,
            self.models,
            self.folds,
            beyond=self.beyond,
            sequences=self.cohort is None or all(has_second(case) for case in self.patients),
            centres=self.centres,
        )

    def stages(self) -> Iterator[Sequence[Step]]:
        """The synthetic patients, then, once they are there, the trainings with their tests."""
        making = self._making()
        yield from ([step] for step in making)
        if standing(making, self.out).complete:
            yield self.training()

    def training(self) -> list[Step]:
        """The steps that train and test; the patients must be there."""
        patients = self.patients
        centres = self.by_centre if any(run.centre for run in self.runs) else patients
        return [_training_step(run, patients, centres, self.machine) for run in self.runs]

    def draw(self, reached: Standing, progress: Progress) -> None:
        """Tables, figures and page; without patients there is nothing to draw yet."""
        from deepvein.laboratory.huang2019.report import write_report

        if standing(self._making(), self.out).complete:
            write_report(self, reached)

    def _making(self) -> list[Step]:
        if self.cohort is not None:
            return []
        parts: dict[str, tuple[str, ...]] = {COHORT: ("A",)}
        if self.beyond:
            parts[CENTRE_COHORT] = ("B", "C")
        return [
            Step(
                name,
                _cohort_terms(self.profile),
                Making(self.profile, centres, self.processes),
            )
            for name, centres in parts.items()
        ]


def _training_step(run: Run, patients: Cohort, by_centre: Cohort, machine: Machine) -> Step:
    if run.centre:
        training = by_centre.select(lambda case: case.centre != run.centre)
        test = by_centre.select(lambda case: case.centre == run.centre)
    else:
        fold = run.fold or 0
        training, test = (patients.of_fold(fold, held_out=held) for held in (False, True))
    recipe = run.experiment.recipe
    names = "\n".join(case.case for part in (training, test) for case in part)
    digest = hashlib.sha256(names.encode()).hexdigest()[:16]
    terms = Terms.of(
        GENERATIONS,
        network=recipe.network_part,
        examples=recipe.examples,
        loss=recipe.loss_part,
        training=recipe.training,
        cases=digest,
    )
    return Step(run.name, terms, Training(run, training, test, machine))


def _cohort_terms(profile: Profile) -> Terms:
    """What the patients depend on, not what is trained on them."""
    names = ("patients", "slices", "centre_patients", "coarsening", "depth_slices", "folds", "seed")
    return Terms.of(GENERATIONS, **{name: getattr(profile, name) for name in names})
