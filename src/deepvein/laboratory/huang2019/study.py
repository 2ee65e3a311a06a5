"""The whole study as steps: the cohort, every training with its test, and then the page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.division import require_folds
from deepvein.cohorts.splits import k_fold, part_of
from deepvein.cohorts.table_checks import load_sound
from deepvein.cohorts.voxels import voxel_digest
from deepvein.core.errors import CohortError
from deepvein.core.kept import Terms
from deepvein.core.progress import Progress
from deepvein.laboratory.costs import Queued
from deepvein.laboratory.huang2019.experiments import CENTRES, MODEL_NAMES, PROPOSED, Run, runs
from deepvein.laboratory.huang2019.profiles import Profile
from deepvein.laboratory.huang2019.rates import best_rate, trial_steps, trials, with_rate
from deepvein.laboratory.huang2019.sequences import has_second
from deepvein.laboratory.huang2019.work import GENERATIONS, Bundling, Making, Training
from deepvein.laboratory.steps import Standing, Step, standing
from deepvein.studies.study import Modality
from deepvein.training.machine import Machine

COHORT, CENTRE_COHORT, BUNDLE = "cohort", "cohort-centres", "bundle"


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
        """The cases of the cross-validation, each with its fold; a hospital's table may bring folds. Cases of
        which it is not known whether and where they have thrombi are left out.

        CohortError if there is none, if a patient lies in two folds, or if the folds are not the profile's.
        """
        if self.cohort is None:
            return Cohort.load(self.out / COHORT)
        cases = load_sound(self.cohort).of_modality(Modality.MR)
        if not any(case.thrombi for case in cases):
            raise CohortError(f"{self.cohort} has no MR case with a thrombus map")
        cases = cases.select(lambda case: case.thrombi is not None or case.has_dvt is False)
        if require_folds(cases, self.profile.folds):
            return cases
        return k_fold(cases, self.profile.folds, self.profile.seed)

    @property
    def left_out(self) -> int:
        """How many MR cases of a hospital's cohort are not among `patients`."""
        if self.cohort is None:
            return 0
        return len(load_sound(self.cohort).of_modality(Modality.MR)) - len(self.patients)

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
        """What is trained, at the rate that the search has found; a hospital's cohort without second
        sequence or centres goes without."""
        listed = runs(
            self.profile,
            self.models,
            self.folds,
            beyond=self.beyond,
            sequences=self.cohort is None or all(has_second(case) for case in self.patients),
            centres=self.centres,
        )
        rates = {
            name: best_rate(self.profile, self.out, name)
            for name in {run.experiment.name for run in listed}
        }
        return tuple(
            replace(run, experiment=with_rate(run.experiment, rates[run.experiment.name]))
            for run in listed
        )

    def stages(self) -> Iterator[Sequence[Step]]:
        """The synthetic patients, then, once they are there, the trainings with their tests."""
        making = self._making()
        yield from ([step] for step in making)
        if standing(making, self.out).complete:
            trying = self._trying()
            if trying:
                yield trying
            if not standing(trying, self.out).complete:
                return
            yield self.training()
            yield from ([step] for step in self._handing_over())

    def training(self) -> list[Step]:
        """The steps that train and test; the patients must be there."""
        patients = self.patients
        centres = self.by_centre if any(run.centre for run in self.runs) else patients
        return [
            _training_step(run, patients, centres, self.machine, self.profile, self.cohort)
            for run in self.runs
        ]

    def _trying(self) -> list[Step]:
        """The search for learning rates, of the networks that are wanted."""
        if not self.profile.rates:
            return []
        wanted = {run.experiment.name for run in self.runs}
        if wanted - set(MODEL_NAMES):
            wanted.add(PROPOSED)
        return trial_steps(self.profile, tuple(wanted), self.patients, self.machine, GENERATIONS)

    def _handing_over(self) -> list[Step]:
        """The bundle to screen with, of the first fold's proposed network, if that is trained."""
        own = [run for run in self.runs if run.experiment.name == PROPOSED and run.fold is not None]
        if not own:
            return []
        work = Bundling(own[0], self.out, self.cohort)
        return [Step(BUNDLE, Terms.of(GENERATIONS, run=own[0].name), work)]

    def queue(self) -> list[Queued]:
        """Patients, search, trainings and the bundle, in order."""
        wanted = {run.experiment.name for run in self.runs}
        tried = trials(self.profile, tuple(wanted))
        steps = self.profile.rate_steps
        return [
            *(Queued(step.name) for step in self._making()),
            *(Queued(trial.name, trial.experiment.recipe, steps) for trial in tried),
            *(Queued.of(run.name, run.experiment.recipe) for run in self.runs),
            *(Queued(step.name) for step in self._handing_over()),
        ]

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


def _training_step(
    run: Run,
    patients: Cohort,
    by_centre: Cohort,
    machine: Machine,
    profile: Profile,
    own: Path | None,
) -> Step:
    validation = None
    if run.centre:
        training = by_centre.select(lambda case: case.centre != run.centre)
        test = by_centre.select(lambda case: case.centre == run.centre)
        if profile.patience is not None:
            training, validation = _judged(training, profile.folds, profile.seed)
    else:
        fold = run.fold or 0
        training, test = (patients.of_fold(fold, held_out=held) for held in (False, True))
        if profile.patience is not None:
            judge = (fold + 1) % profile.folds
            validation = training.select(lambda case: case.fold == judge)
            training = training.select(lambda case: case.fold != judge)
    training = part_of(training, run.experiment.share, profile.seed)
    recipe = run.experiment.recipe
    parts = (training, test) if validation is None else (training, test, validation)
    names = "\n".join(case.case for part in parts for case in part)
    digest = hashlib.sha256(names.encode()).hexdigest()[:16]
    # A hospital's masks may be mended while the study goes on; what is drawn does not change.
    shown = {} if own is None else {"voxels": [voxel_digest(part) for part in parts]}
    terms = Terms.of(
        GENERATIONS,
        network=recipe.network_part,
        examples=recipe.examples,
        loss=recipe.loss_part,
        training=recipe.training,
        cases=digest,
        **shown,
    )
    return Step(run.name, terms, Training(run, training, test, machine, own, validation))


def _judged(cohort: Cohort, folds: int, seed: int) -> tuple[Cohort, Cohort]:
    """One part of the patients taken aside to judge when to stop."""
    dealt = k_fold(cohort, folds, seed)
    return dealt.of_fold(0, held_out=False), dealt.of_fold(0, held_out=True)


def _cohort_terms(profile: Profile) -> Terms:
    """What the patients depend on, not what is trained on them."""
    names = ("patients", "slices", "centre_patients", "coarsening", "depth_slices", "folds", "seed")
    return Terms.of(GENERATIONS, **{name: getattr(profile, name) for name in names})
