"""The whole study as steps: cohort, split, pre-training, ten models, what the authors could not do, page."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.core.progress import Progress, silent
from deepvein.laboratory.kozemzak2019 import step_actions
from deepvein.laboratory.kozemzak2019.models import AUTO, PHANTOMS, TUNED, Model, chosen, models_of
from deepvein.laboratory.kozemzak2019.patient_split import Divide
from deepvein.laboratory.kozemzak2019.predictions import MODELS
from deepvein.laboratory.kozemzak2019.pretext import KINDS
from deepvein.laboratory.kozemzak2019.profiles import PROFILES, Profile
from deepvein.laboratory.kozemzak2019.step_actions import Study
from deepvein.laboratory.parallel_steps import run_together
from deepvein.laboratory.steps import Standing, Step, run_steps, standing
from deepvein.training.machine import Machine
from deepvein.training.search import SearchSettings


def reproduce(
    profile: str | Profile,
    out: Path,
    *,
    cohort: Path | None = None,
    models: Sequence[str] | None = None,
    folds: Sequence[int] | None = None,
    pretrained: str = AUTO,
    stop_after_s: float | None = None,
    machine: Machine | None = None,
    processes: int = 1,
    progress: Progress = silent,
) -> Standing:
    """Do what is missing of the study in `out`, draw its page, and tell how far it is.

    cohort: a hospital's own, with drawn veins and thrombi; None for the synthetic one. models, folds: only
    these (see `models.models_of`). pretrained: first weights where the paper has published ones: "auto"
    (published ones if they are at hand, else our own), "imagenet", "phantoms", "none" or a path.
    processes: studies that are made and models that are trained side by side.
    """
    size = PROFILES.get(profile) if isinstance(profile, str) else profile
    study = Study(size, out.resolve(), cohort, machine or Machine(), processes)
    wanted = chosen(models_of(size, pretrained), models or None, folds or None)
    stages = _stages(study, wanted)
    every = [step for stage in stages for step in stage]
    end = None if stop_after_s is None else time.monotonic() + stop_after_s
    out.mkdir(parents=True, exist_ok=True)
    for stage in stages:
        left = None if end is None else end - time.monotonic()
        if left is not None and left <= 0:
            break
        # A stage of one step has the machine to itself, and makes studies in several processes.
        if len(stage) > 1 and processes > 1:
            done = run_together(stage, out, processes, stop_after_s=left, progress=progress)
        else:
            done = run_steps(stage, out, stop_after_s=left, progress=progress)
        if not done.complete:
            break
    reached = standing(every, out)
    from deepvein.laboratory.kozemzak2019.pages import draw_page

    draw_page(study, wanted, reached, progress)
    return reached


def _stages(study: Study, wanted: Sequence[Model]) -> list[list[Step]]:
    """Stages in order; the steps of one do not depend on one another."""
    profile = study.profile
    base = (profile, _terms(study))
    own = sorted({KINDS[m.recipe.network] for m in wanted if m.pretrained == PHANTOMS})
    tuned = [model for model in wanted if model.name == TUNED]
    stages = [[Step(step_actions.COHORT, base, step_actions.MakeCohort(study))]]
    if own:
        place = f"{step_actions.PRETEXT}/{step_actions.COHORT}"
        stages.append([Step(place, (profile,), step_actions.MakeCohort(study, own=True))])
    stages.append([Step(step_actions.SPLIT, base, Divide(study))])
    if any(model.masks == "completed" for model in wanted):
        stages.append([Step(step_actions.COMPLETED, base, step_actions.Complete(study))])
    stages.append(
        [
            Step(f"{step_actions.PRETEXT}/{k}", (profile, k), step_actions.Pretrain(study, k))
            for k in own
        ]
    )
    search = _search(profile)
    stages.append(
        [
            Step(step_actions.TUNING, (*base, search), step_actions.Search(study, m, search))
            for m in tuned
        ]
    )
    stages.append(
        [
            Step(f"{MODELS}/{m.name}", (*base, *_parts(m)), step_actions.Train(study, m))
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
                    (*base, m.name),
                    step_actions.ReadWithPredicted(study, m.name),
                )
                for m in masked
            ]
        )
    return [stage for stage in stages if stage]


def _search(profile: Profile) -> SearchSettings:
    training = profile.classifier
    epochs = max(1, round((training.epochs or 30) * profile.trial_share))
    return SearchSettings(profile.trials, max(2, epochs), training.steps, seed=profile.seed)


def _terms(study: Study) -> str:
    """What tells a hospital's cohort: its cases and patients."""
    if study.cohort is None:
        return "synthetic"
    cases: Sequence[Case] = Cohort.load(study.cohort).cases
    return "|".join(f"{case.case}:{case.patient}:{case.split}" for case in cases)


def _parts(model: Model) -> tuple[object, ...]:
    recipe = model.recipe
    return (
        model.name,
        model.pretrained,
        model.split,
        model.masks,
        recipe.network_part,
        recipe.loss_part,
        recipe.examples,
        recipe.training,
    )
