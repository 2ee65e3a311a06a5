"""The whole study as steps: cohort, split, pre-training, ten models, what the authors could not do, page."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deepvein.cohorts.table_checks import load_sound
from deepvein.cohorts.voxels import voxel_digest
from deepvein.core.errors import CohortError
from deepvein.core.kept import Terms
from deepvein.core.progress import Progress
from deepvein.laboratory.costs import Queued
from deepvein.laboratory.kozemzak2019 import step_actions
from deepvein.laboratory.kozemzak2019.models import AUTO, PHANTOMS, TUNED, Model, chosen, models_of
from deepvein.laboratory.kozemzak2019.patient_split import Divide
from deepvein.laboratory.kozemzak2019.predictions import MODELS
from deepvein.laboratory.kozemzak2019.pretext import KINDS
from deepvein.laboratory.kozemzak2019.profiles import Profile
from deepvein.laboratory.kozemzak2019.recipes import SEGMENTERS
from deepvein.laboratory.kozemzak2019.step_actions import Study
from deepvein.laboratory.steps import Standing, Step
from deepvein.phantoms.plan import GENERATOR
from deepvein.studies.study import Modality
from deepvein.training.search import SearchSettings

GENERATION = 2
"""Raised when the same settings come to other results (tests/golden tells)."""

GENERATIONS = {"kozemzak2019": GENERATION, "phantoms": GENERATOR}


@dataclass(frozen=True)
class Kozemzak2019:
    """The reproduction: where it lies and how it is run, and the models that are wanted."""

    study: Study
    wanted: tuple[Model, ...]

    @classmethod
    def of(
        cls,
        study: Study,
        models: Sequence[str] = (),
        folds: Sequence[int] = (),
        pretrained: str = AUTO,
    ) -> Kozemzak2019:
        """models, folds: only these, empty for all (see `models.models_of`).

        pretrained: first weights where the paper has published ones: "auto" (published ones if they are at
        hand, else our own), "imagenet", "phantoms", "none" or a path.
        """
        known = models_of(study.profile, pretrained)
        if not study.has_veins:
            for model in known:
                if model.name in models and model.recipe.examples.needs_veins:
                    raise CohortError(
                        f"{model.name} needs vein segments, and {study.cohort} has CT cases without; name "
                        "models that need none, or leave --models out"
                    )
            known = tuple(one for one in known if not one.recipe.examples.needs_veins)
        return cls(study, chosen(known, models or None, folds or None))

    @property
    def out(self) -> Path:
        return self.study.out

    @property
    def processes(self) -> int:
        return self.study.workers

    def stages(self) -> list[list[Step]]:
        """Cohort, split, pre-training, trainings, and what is read with predicted masks."""
        return _stages(self.study, self.wanted, _cases(self.study))

    def queue(self) -> list[Queued]:
        """Cohort, split, pre-training, search, trainings and what is read with them, in order."""
        trained = {f"{MODELS}/{model.name}": model.recipe for model in self.wanted}
        return [
            Queued.of(step.name, trained[step.name]) if step.name in trained else Queued(step.name)
            for stage in _stages(self.study, self.wanted, _rows(self.study))
            for step in stage
        ]

    def draw(self, reached: Standing, progress: Progress) -> None:
        """Tables, figures and page of whatever is there."""
        from deepvein.laboratory.kozemzak2019.pages import draw_page

        draw_page(self.study, self.wanted, reached, progress)


def _stages(study: Study, wanted: Sequence[Model], cases: str) -> list[list[Step]]:
    """Stages in order; the steps of one do not depend on one another. cases: what tells them."""
    profile = study.profile

    def terms(*more: object) -> Terms:
        return Terms.of(GENERATIONS, profile, *more)

    base = terms(cases)
    own = sorted({KINDS[m.recipe.network] for m in wanted if m.pretrained == PHANTOMS})
    tuned = [model for model in wanted if model.name == TUNED]
    stages = [[Step(step_actions.COHORT, base, step_actions.MakeCohort(study))]]
    if own:
        place = f"{step_actions.PRETEXT}/{step_actions.COHORT}"
        stages.append([Step(place, terms(), step_actions.MakeCohort(study, own=True))])
    stages.append([Step(step_actions.SPLIT, base, Divide(study))])
    if any(model.masks == "completed" for model in wanted):
        stages.append([Step(step_actions.COMPLETED, base, step_actions.Complete(study))])
    stages.append(
        [
            Step(f"{step_actions.PRETEXT}/{k}", terms(k), step_actions.Pretrain(study, k))
            for k in own
        ]
    )
    search = _search(profile)
    stages.append(
        [
            Step(step_actions.TUNING, terms(cases, search), step_actions.Search(study, m, search))
            for m in tuned
        ]
    )
    stages.append(
        [
            Step(f"{MODELS}/{m.name}", terms(cases, *_parts(m)), step_actions.Train(study, m))
            for m in wanted
        ]
    )
    masked = [model for model in wanted if model.takes_masks]
    if masked and any(model.segments for model in wanted):
        stages.append([Step(step_actions.MASKS, base, step_actions.PredictMasks(study))])
        stages.append(
            [
                Step(
                    f"{step_actions.PREDICTED}/{m.name}",
                    terms(cases, m.name),
                    step_actions.ReadWithPredicted(study, m.name),
                )
                for m in masked
            ]
        )
    if set(SEGMENTERS) & {model.name for model in wanted}:
        names = [model.name for model in wanted if model.name in SEGMENTERS]
        work = step_actions.Bundle(study, tuple(wanted))
        stages.append([Step(step_actions.BUNDLE, terms(cases, names), work)])
    return [stage for stage in stages if stage]


def _search(profile: Profile) -> SearchSettings:
    training = profile.classifier
    epochs = max(1, round((training.epochs or 30) * profile.trial_share))
    return SearchSettings(profile.trials, max(2, epochs), training.steps, seed=profile.seed)


def _cases(study: Study) -> str:
    """What tells a hospital's cohort: its cases, patients and splits without their names, and what their files
    show, for masks may be mended while the study goes on. Errors as for `_rows`."""
    rows = _rows(study)
    if study.cohort is None:
        return rows
    return f"{rows} {voxel_digest(load_sound(study.cohort).of_modality(Modality.CT))}"


def _rows(study: Study) -> str:
    """CohortError for a table that would be refused later, and for one without CT."""
    if study.cohort is None:
        return "synthetic"
    cohort = load_sound(study.cohort)
    if not cohort.of_modality(Modality.CT).cases:
        raise CohortError(f"{study.cohort} has no CT case; this paper reads CT")
    text = "|".join(f"{case.case}:{case.patient}:{case.split}" for case in cohort.cases)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _parts(model: Model) -> tuple[object, ...]:
    recipe = model.recipe
    return (
        model.name,
        model.pretrained,
        model.split,
        model.masks,
        model.share,
        recipe.network_part,
        recipe.loss_part,
        recipe.examples,
        recipe.training,
    )
