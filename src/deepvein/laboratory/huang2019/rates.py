"""The search that every network of Table 2 gets: the same few learning rates, each tried for a while.

One choice for all folds. The networks learn from the patients of all folds but the first two, and the
second one's judge; the first one's are not looked at.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path

from deepvein.cohorts.cohort import Cohort
from deepvein.core.errors import TrainingError
from deepvein.core.kept import Terms
from deepvein.core.progress import Progress
from deepvein.core.spreadsheet import write_csv
from deepvein.evaluation.tables import Table
from deepvein.laboratory.huang2019.experiments import MODEL_NAMES, PROPOSED, Experiment, experiments
from deepvein.laboratory.huang2019.profiles import Profile
from deepvein.laboratory.steps import Step
from deepvein.training.machine import Machine

RATES, SCORE = "rates", "score.csv"


@dataclass(frozen=True)
class Trial:
    """One network at one learning rate."""

    experiment: Experiment
    rate: float

    @property
    def name(self) -> str:
        """The folder of its step."""
        return f"{RATES}/{self.experiment.name.partition('/')[2]}/{self.rate:g}"


@dataclass(frozen=True)
class Trying:
    """The work of a trial's step; it leaves the Dice of all validation pixels and no model."""

    trial: Trial
    steps: int
    training: Cohort
    validation: Cohort
    machine: Machine

    def __call__(self, folder: Path, left_s: float | None, progress: Progress) -> bool:
        from deepvein.training.run import train_recipe

        recipe = with_rate(self.trial.experiment, self.trial.rate).recipe
        short = replace(
            recipe.training, epochs=1, steps_per_epoch=self.steps, score="dice", patience=None
        )
        place = folder / "run"
        result = train_recipe(
            replace(recipe, training=short),
            self.training,
            place,
            validation=self.validation,
            machine=self.machine,
            stop_after_s=left_s,
            progress=progress,
        )
        if result.model is None:
            return False
        write_csv(folder / SCORE, ("rate", "dice"), [(self.trial.rate, result.training.score)])
        shutil.rmtree(place)
        return True


def trials(profile: Profile, wanted: Sequence[str]) -> list[Trial]:
    """Every rate of the profile for each of the wanted experiments of Table 2, in order."""
    chosen = [one for one in experiments(profile) if one.name in wanted and one.name in MODEL_NAMES]
    return [Trial(one, rate) for one in chosen for rate in profile.rates]


def trial_steps(
    profile: Profile,
    wanted: Sequence[str],
    patients: Cohort,
    machine: Machine,
    terms: dict[str, int],
) -> list[Step]:
    """The steps of the search; none where the profile names no rates or too few folds to take two away."""
    if profile.folds < 3:
        return []
    training = patients.select(lambda case: case.fold not in (0, 1))
    validation = patients.select(lambda case: case.fold == 1)
    out = []
    for trial in trials(profile, wanted):
        recipe = trial.experiment.recipe
        own = Terms.of(
            terms,
            network=recipe.network_part,
            loss=recipe.loss_part,
            training=recipe.training,
            rate=trial.rate,
            steps=profile.rate_steps,
        )
        work = Trying(trial, profile.rate_steps, training, validation, machine)
        out.append(Step(trial.name, own, work))
    return out


def scores(profile: Profile, out: Path) -> dict[str, dict[float, float]]:
    """Validation Dice by experiment and rate, of the trials that are done."""
    found: dict[str, dict[float, float]] = {}
    for trial in trials(profile, tuple(MODEL_NAMES)):
        path = out / trial.name / SCORE
        if path.exists():
            with path.open(newline="", encoding="utf-8") as file:
                dice = float(next(csv.DictReader(file))["dice"])
            found.setdefault(trial.experiment.name, {})[trial.rate] = dice
    return found


def best_rate(profile: Profile, out: Path, name: str) -> float:
    """The rate of an experiment: that of its network in Table 2, of the proposed one beyond the tables, the
    profile's own without a search. Of equal scores the first. TrainingError for a score that is no number."""
    found = scores(profile, out).get(name if name in MODEL_NAMES else PROPOSED)
    if not found:
        return profile.learning_rate
    if any(isnan(dice) for dice in found.values()):
        raise TrainingError(
            f"a trial in {out / RATES} has no score; delete its folder to try it again"
        )
    return max(found, key=lambda rate: found[rate])


def with_rate(experiment: Experiment, rate: float) -> Experiment:
    """The experiment with another learning rate."""
    training = experiment.recipe.training
    optimiser = replace(training.optimiser, learning_rate=rate)
    recipe = replace(experiment.recipe, training=replace(training, optimiser=optimiser))
    return replace(experiment, recipe=recipe)


def rates_table(profile: Profile, out: Path) -> Table | None:
    """What each network reached at each rate; None without a search."""
    found = scores(profile, out)
    if not found:
        return None
    rows = []
    for name, label in MODEL_NAMES.items():
        if name in found:
            dice = (found[name].get(rate) for rate in profile.rates)
            cells = ("–" if one is None else f"{one:.3f}" for one in dice)
            rows.append((label, *cells, f"{best_rate(profile, out, name):g}"))
    columns = ("Algorithm", *(f"{rate:g}" for rate in profile.rates), "Chosen")
    return Table("Learning rates", columns, tuple(rows))
