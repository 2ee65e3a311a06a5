"""Search for settings of a recipe, by Optuna (`pip install 'deepvein[tune]'`).

Trials are kept in a database, by default SQLite in the search's folder: a search that was interrupted goes
on, and machines that share a database (any SQLAlchemy URL) share the search. A trial whose validation
score lies below the median of the others' at the same epoch is stopped. The database and `best.json` say
what was tried; of each trial only its logs stay.
"""

from __future__ import annotations

import csv
import json
import logging
import math
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

from deepvein.cohorts.cohort import Cohort
from deepvein.core import settings as stored
from deepvein.core.errors import MissingExtraError, SettingsError, TrainingError, UsageError
from deepvein.core.executor import Executor
from deepvein.core.files import make_folder
from deepvein.core.kept import differences
from deepvein.core.progress import Progress, silent
from deepvein.core.seeds import derive
from deepvein.core.workers import spread
from deepvein.training.machine import Machine
from deepvein.training.recipe import Recipe, Task, setting, with_setting
from deepvein.training.run import terms_of, train_recipe
from deepvein.training.settings import TrainingSettings

BEST = "best.json"
DATABASE = "trials.sqlite3"
_TERMS = "terms"
"""Under it a study holds what its trials have in common."""
_REASON = "reason"
"""Under it a trial holds why its settings came to no score."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Range:
    """A number of a recipe that is searched: `key` as `--set` takes it, such as
    training.optimiser.learning_rate; from `low` to `high`, evenly in its logarithm if `log`."""

    key: str
    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise SettingsError(
                f"{self.key} needs low < high, above 0 for a logarithm; got {self.low}..{self.high}"
            )

    def whole(self, recipe: Recipe) -> bool:
        """Whether the recipe takes whole numbers alone here; SettingsError if it takes none, or not these."""
        known = setting(recipe, self.key)
        if known is not None and (isinstance(known, bool) or not isinstance(known, int | float)):
            raise SettingsError(f"{self.key} is {known!r}, which is no number to be searched")
        whole = isinstance(known, int)
        if whole and not (float(self.low).is_integer() and float(self.high).is_integer()):
            raise SettingsError(f"{self.key} takes whole numbers; got {self.low}..{self.high}")
        return whole


@dataclass(frozen=True)
class SearchSettings:
    """trials: in all, those that are stored already included. epochs, steps: of each trial, None for the
    recipe's. storage: SQLAlchemy URL, empty for SQLite in the folder. prune: stop hopeless trials."""

    trials: int = 20
    epochs: int | None = None
    steps: int | None = None
    storage: str = ""
    prune: bool = True
    seed: int = 0
    space: tuple[Range, ...] = ()

    def __post_init__(self) -> None:
        if self.trials < 1:
            raise SettingsError(f"trials is 1 or larger, got {self.trials}")


@dataclass(frozen=True)
class Setting:
    """One searched number of a trial, whole where the recipe takes whole numbers."""

    key: str
    value: int | float


@dataclass(frozen=True)
class Search:
    """What a search has come to. score: of the best trial in validation; settings: its values.

    finished, pruned, failed: trials of each end; wanted: how many were asked for.
    """

    score: float
    settings: tuple[Setting, ...]
    finished: int
    pruned: int
    failed: int
    wanted: int

    @property
    def complete(self) -> bool:
        return self.finished + self.pruned + self.failed >= self.wanted

    def apply(self, recipe: Recipe) -> Recipe:
        """The recipe with the best settings."""
        for one in self.settings:
            recipe = with_setting(recipe, one.key, one.value)
        return recipe


def default_space(recipe: Recipe) -> tuple[Range, ...]:
    """Learning rate and weight decay about the recipe's own; rotations where a recipe turns its images."""
    rate = recipe.training.optimiser.learning_rate
    space = [
        Range("training.optimiser.learning_rate", rate / 10, rate * 10, log=True),
        Range("training.optimiser.weight_decay", 1e-6, 1e-1, log=True),
    ]
    if recipe.task is Task.SEGMENTATION and recipe.examples.augmentation.rotation_deg:
        space.append(Range("examples.augmentation.rotation_deg", 0.0, 90.0))
    return tuple(space)


def tune(  # noqa: PLR0913  (each is a choice of the caller, by name)
    recipe: Recipe,
    training: Cohort,
    validation: Cohort,
    out: Path,
    search: SearchSettings,
    *,
    machine: Machine | None = None,
    pretrained: str | None = None,
    cluster: Executor | None = None,
    stop_after_s: float | None = None,
    progress: Progress = silent,
) -> Search:
    """Train the recipe with settings that differ from trial to trial; the best so far.

    Called again on the same `out` (or storage) it goes on, with other ranges if need be. Between two trials it
    stops once the time is over. cluster: tries several settings at a time; its machines must reach the
    storage, and see `out` and the cohort under the same absolute paths.

    Raises
    ------
    MissingExtraError
        Without Optuna.
    SettingsError
        A range is of no number of the recipe, or the search was begun with another recipe, other cases,
        epochs, steps or first weights: scores would not compare.
    UsageError
        The storage cannot be opened.
    TrainingError
        No trial has come to a score.
    """
    optuna = _optuna()
    for one in search.space:
        one.whole(recipe)
    make_folder(out)
    begun = monotonic()
    trials = _Trials(recipe, training, validation, out, search, machine, pretrained)
    study = trials.study()

    def ended() -> int:
        return len(_ended(optuna, study))

    def over() -> bool:
        return stop_after_s is not None and monotonic() - begun > stop_after_s

    while ended() < search.trials and not over():
        progress("trials", ended(), search.trials)
        if cluster is None:
            trials.run(study, progress)
            continue
        for _ in spread(trials, range(ended(), search.trials), cluster):
            progress("trials", min(ended(), search.trials), search.trials)
            if over():
                break
    found = _summary(optuna, study, search)
    stored.save(found, out / BEST)
    progress("trials", ended(), search.trials)
    return found


@dataclass(frozen=True)
class _Trials:
    """Everything that is the same in all trials; one of them when it is called, on whatever machine."""

    recipe: Recipe
    training: Cohort
    validation: Cohort
    out: Path
    search: SearchSettings
    machine: Machine | None
    pretrained: str | None

    def __call__(self, number: int) -> None:
        """A trial beside others. number: of its own, so that not all draw the same settings."""
        self.run(self._study_at(number), silent)

    def study(self) -> Any:
        """The search as it stands in its storage, which is made if it is not there.

        One that goes on does not draw the settings of its first trials again.
        """
        study = _study(_optuna(), self.recipe, self.out, self.search)
        now = self._terms()
        wrong = differences(study.user_attrs.get(_TERMS, now), now)
        if wrong:
            raise SettingsError(
                f"the search in {self.out} was begun otherwise ({'; '.join(wrong)}), and scores would not "
                "compare; go on as it was begun, or choose another folder or storage"
            )
        study.set_user_attr(_TERMS, now)
        return self._study_at(len(study.trials)) if study.trials else study

    def _terms(self) -> dict[str, Any]:
        """What must not change between trials beside what is searched."""
        recipe = _shortened(self.recipe, self.search)
        terms = {
            **terms_of(recipe, self.training, self.validation, None),
            "loss": stored.to_dict(recipe.loss_part),
            "settings": stored.to_dict(recipe.training),
            "first weights": self.pretrained or recipe.pretrained,
        }
        plain: dict[str, Any] = json.loads(json.dumps(terms))
        return plain

    def _study_at(self, number: int) -> Any:
        """The search with a seed of its own for trial `number`."""
        own = replace(self.search, seed=derive(self.search.seed, "trial", number) % 2**32)
        return _study(_optuna(), self.recipe, self.out, own)

    def run(self, study: Any, progress: Progress) -> None:
        """Draw settings, train with them and enter the score."""
        optuna = _optuna()
        space = self.search.space or default_space(self.recipe)
        trial = study.ask()
        values = tuple(Setting(one.key, _suggested(trial, one, self.recipe)) for one in space)
        folder = self.out / f"trial-{trial.number:03d}"
        try:
            tried = _shortened(Search(0.0, values, 0, 0, 0, 0).apply(self.recipe), self.search)
            result = train_recipe(
                tried,
                self.training,
                folder,
                validation=self.validation,
                machine=self.machine,
                pretrained=self.pretrained,
                resume=False,
                progress=_watched(optuna, trial, folder, tried.training, self.search, progress),
            )
            score = result.training.score
            if score is None or math.isnan(score):
                raise TrainingError(f"{tried.training.score} of the validation is not a number")
            study.tell(trial, score)
        except optuna.TrialPruned:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        except (TrainingError, SettingsError) as error:  # what other settings may mend
            _log.info("trial %d failed: %s", trial.number, error)
            trial.set_user_attr(_REASON, str(error))
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        except BaseException:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
            raise
        finally:
            _keep_logs(folder)


def _study(optuna: Any, recipe: Recipe, out: Path, search: SearchSettings) -> Any:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = search.storage or f"sqlite:///{(out / DATABASE).resolve()}"
    pruner = optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=1)
    try:
        return optuna.create_study(
            storage=storage,
            study_name=recipe.name,
            direction="maximize",
            load_if_exists=True,
            sampler=optuna.samplers.TPESampler(seed=search.seed, n_startup_trials=5),
            pruner=pruner if search.prune else optuna.pruners.NopPruner(),
        )
    except (_sql_error(), ImportError, ValueError, optuna.exceptions.OptunaError) as error:
        # The URL itself may hold a password.
        reason = str(error).partition("\n")[0]
        raise UsageError(
            f"the database of the trials cannot be opened ({reason}); give its URL as SQLAlchemy takes it, "
            "such as sqlite:////data/trials.sqlite3"
        ) from error


def _shortened(recipe: Recipe, search: SearchSettings) -> Recipe:
    training = recipe.training
    return replace(
        recipe,
        training=replace(
            training,
            epochs=search.epochs or training.epochs,
            steps_per_epoch=search.steps or training.steps_per_epoch,
        ),
    )


def _suggested(trial: Any, one: Range, recipe: Recipe) -> int | float:
    if one.whole(recipe):
        return int(trial.suggest_int(one.key, round(one.low), round(one.high), log=one.log))
    return float(trial.suggest_float(one.key, one.low, one.high, log=one.log))


def _watched(
    optuna: Any,
    trial: Any,
    folder: Path,
    training: TrainingSettings,
    search: SearchSettings,
    progress: Progress,
) -> Progress:
    """The progress of a trial, which reports each epoch's score and ends a trial without hope."""
    seen = 0

    def watch(stage: str, done: int, total: int) -> None:
        nonlocal seen
        progress(stage, done, total)
        if stage != "training":
            return
        scores = (
            _scores(folder / "epochs.csv") if done % max(1, total // training.epochs) == 1 else []
        )
        for epoch, score in scores[seen:]:
            trial.report(score, epoch)
        seen = max(seen, len(scores))
        if search.prune and scores and trial.should_prune():
            raise optuna.TrialPruned

    return watch


def _scores(path: Path) -> list[tuple[int, float]]:
    """(epoch, score) of the validations so far."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        rows = [(int(row["epoch"]), float(row["score"])) for row in csv.DictReader(file)]
    return [(epoch, score) for epoch, score in rows if not math.isnan(score)]


def _ended(optuna: Any, study: Any) -> list[Any]:
    """The trials that were finished, pruned, or failed by their settings, not those that were broken off."""
    states = optuna.trial.TrialState
    trials = study.get_trials(states=(states.COMPLETE, states.PRUNED, states.FAIL))
    return [one for one in trials if one.state != states.FAIL or _REASON in one.user_attrs]


def _summary(optuna: Any, study: Any, search: SearchSettings) -> Search:
    ended = _ended(optuna, study)
    states = Counter(one.state for one in ended)
    if not ended:
        raise TrainingError("no trial was ended in this time; the same command goes on")
    state = optuna.trial.TrialState
    if not states[state.COMPLETE]:
        reasons = [one.user_attrs[_REASON] for one in ended if _REASON in one.user_attrs]
        last = f" (the last one: {reasons[-1]})" if reasons else ""
        raise TrainingError(
            f"none of {len(ended)} trials came to a score{last}; search other values in another folder, or "
            "look at the cohort"
        )
    best = study.best_trial
    return Search(
        score=float(best.value),
        settings=tuple(Setting(key, value) for key, value in best.params.items()),
        finished=states[state.COMPLETE],
        pruned=states[state.PRUNED],
        failed=states[state.FAIL],
        wanted=search.trials,
    )


def _keep_logs(folder: Path) -> None:
    """Weights of trials take much room and are of no use."""
    for path in folder.glob("*.safetensors"):
        path.unlink()
    if folder.is_dir() and not any(folder.iterdir()):
        shutil.rmtree(folder)


def _sql_error() -> type[Exception]:
    from sqlalchemy.exc import SQLAlchemyError

    return SQLAlchemyError


def _optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise MissingExtraError("searching settings", "tune") from error
    return optuna
