from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deepvein.core.errors import CohortError, SettingsError, TrainingError, UsageError
from deepvein.laboratory.kozemzak2019.profiles import narrowed
from deepvein.laboratory.kozemzak2019.recipes import resnet18, unet
from deepvein.training import search
from deepvein.training.machine import Machine
from deepvein.training.recipe import Recipe
from deepvein.training.search import Range, SearchSettings, default_space, tune
from unit.cohorts.tiny_cohort import make
from unit.pickling import Pickling

optuna = pytest.importorskip("optuna")

RESNET18, UNET = resnet18(), unet()

TINY = replace(
    RESNET18,
    network_settings=narrowed(RESNET18.network_settings, 0.06),
    examples=replace(RESNET18.examples, size=(32, 32)),
    training=replace(RESNET18.training, epochs=2, steps_per_epoch=2, batch=4),
    pretrained="none",
)


def test_the_default_search_lies_about_the_recipes_own_rate() -> None:
    rate, decay, rotation = default_space(UNET)
    assert rate.low < UNET.training.optimiser.learning_rate < rate.high
    assert decay.log
    assert rotation.key == "examples.augmentation.rotation_deg"
    assert len(default_space(RESNET18)) == 2


def test_ranges_that_cannot_be_are_refused() -> None:
    with pytest.raises(SettingsError, match="low < high"):
        Range("training.batch", 8, 4)
    with pytest.raises(SettingsError, match="above 0"):
        Range("training.optimiser.learning_rate", 0.0, 1.0, log=True)


@pytest.mark.parametrize(
    ("key", "low", "reason"),
    [
        ("training.batch", 1.5, "whole numbers"),
        ("training.score", 1, "no number to be searched"),
        ("training.batch.size", 1, "has no parts"),
        ("training.nonsense", 1, "no setting"),
        ("nonsense", 1, "no setting of a recipe"),
    ],
)
def test_ranges_that_fit_no_setting_are_refused_before_anything_is_written(
    tmp_path: Path, key: str, low: float, reason: str
) -> None:
    cohort = make(tmp_path / "cohort", 2)
    wanted = SearchSettings(1, space=(Range(key, low, 9),))
    with pytest.raises(SettingsError, match=reason):
        tune(TINY, cohort, cohort, tmp_path / "out", wanted)
    assert not (tmp_path / "out").exists()


class Trained:
    """Stands for a training: answers with what it is given, in turn."""

    def __init__(self, *answers: float | BaseException) -> None:
        self.answers = list(answers)
        self.recipes: list[Recipe] = []

    def __call__(self, recipe: Recipe, *_: object, **__: object) -> object:
        self.recipes.append(recipe)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return SimpleNamespace(training=SimpleNamespace(score=answer))


def _search(
    monkeypatch: pytest.MonkeyPatch, folder: Path, trained: Trained, **settings: Any
) -> search.Search:
    monkeypatch.setattr(search, "train_recipe", trained)
    cohort = make(folder / "cohort", 4)
    recipe = settings.pop("recipe", TINY)
    return tune(recipe, cohort, cohort, folder / "out", SearchSettings(**settings))


def test_whole_settings_are_searched_in_whole_numbers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trained = Trained(0.5, 0.6)
    found = _search(
        monkeypatch, tmp_path, trained, trials=2, space=(Range("training.batch", 2, 9),)
    )
    (best,) = found.settings
    assert isinstance(best.value, int)
    assert trained.recipes[1].training.batch == best.value


def test_what_was_broken_off_is_no_trial_and_what_failed_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for stop in (KeyboardInterrupt(), CohortError("the case is damaged")):
        with pytest.raises(type(stop)):
            _search(monkeypatch, tmp_path, Trained(stop), trials=1)
    with pytest.raises(TrainingError, match="none of 1 trials.*not a number"):
        _search(monkeypatch, tmp_path, Trained(math.nan), trials=1)
    found = _search(monkeypatch, tmp_path, Trained(0.7), trials=2)
    assert (found.finished, found.failed, found.score) == (1, 1, 0.7)


def test_a_search_that_has_no_time_says_so(tmp_path: Path) -> None:
    cohort = make(tmp_path / "cohort", 2)
    with pytest.raises(TrainingError, match="in this time"):
        tune(TINY, cohort, cohort, tmp_path / "out", SearchSettings(1), stop_after_s=-1)


def test_a_search_goes_on_with_the_same_question_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Other ranges are the same question: the settings of a trial are all that differs then."""
    _search(monkeypatch, tmp_path, Trained(0.5), trials=1)
    wider = (Range("training.optimiser.learning_rate", 1e-6, 1e-1, log=True),)
    assert _search(monkeypatch, tmp_path, Trained(0.6), trials=2, space=wider).finished == 2
    larger = replace(TINY, examples=replace(TINY.examples, size=(40, 40)))
    for other, said in (({"epochs": 5}, "epochs was 2, is 5"), ({"recipe": larger}, "size was")):
        with pytest.raises(SettingsError, match=said):
            _search(monkeypatch, tmp_path, Trained(), trials=3, **other)


@pytest.mark.parametrize("url", ["nonsense", "nonsense://secret", "sqlite:////nowhere/at/all.db"])
def test_a_database_that_cannot_be_opened_is_told(tmp_path: Path, url: str) -> None:
    cohort = make(tmp_path / "cohort", 2)
    with pytest.raises(UsageError, match="cannot be opened") as told:
        tune(TINY, cohort, cohort, tmp_path / "out", SearchSettings(1, storage=url))
    assert "secret" not in str(told.value)


@pytest.mark.slow
def test_a_search_is_resumed_and_keeps_no_weights(tmp_path: Path) -> None:
    cohort = make(tmp_path / "cohort", 6)
    training = cohort.select(lambda case: case.case in ("case0", "case1", "case2", "case3"))
    validation = cohort.select(lambda case: case.case in ("case4", "case5"))
    machine = Machine(device="cpu", workers=0)
    first = tune(TINY, training, validation, tmp_path / "out", SearchSettings(1), machine=machine)
    assert first.complete
    assert 0 <= first.score <= 1
    found = tune(TINY, training, validation, tmp_path / "out", SearchSettings(2), machine=machine)
    assert found.finished + found.pruned == 2
    assert found.score >= first.score
    keys = {one.key for one in found.settings}
    assert keys == {"training.optimiser.learning_rate", "training.optimiser.weight_decay"}
    best = found.apply(TINY).training.optimiser.learning_rate
    assert best == next(one.value for one in found.settings if "rate" in one.key)
    assert json.loads((tmp_path / "out" / search.BEST).read_text())["wanted"] == 2
    assert not list((tmp_path / "out").rglob("*.safetensors"))
    assert len(list((tmp_path / "out").glob("trial-*/epochs.csv"))) == 2
    cluster, wanted = Pickling(), SearchSettings(4)
    more = tune(
        TINY, training, validation, tmp_path / "out", wanted, machine=machine, cluster=cluster
    )
    assert more.finished + more.pruned == 4
    assert cluster.sent == 2
    storage = f"sqlite:///{tmp_path / 'out' / search.DATABASE}"
    trials = optuna.load_study(study_name=TINY.name, storage=storage).trials
    assert len({tuple(trial.params.values()) for trial in trials}) == 4


def test_a_validation_that_cannot_be_scored_is_refused_before_the_first_step(
    tmp_path: Path,
) -> None:
    cohort = make(tmp_path / "cohort", 4)
    healthy = cohort.select(lambda case: case.case == "case1")
    training = cohort.select(lambda case: case.case != "case1")
    with pytest.raises(CohortError, match="no example of the validation shows"):
        tune(TINY, training, healthy, tmp_path / "out", SearchSettings(1),
             machine=Machine(device="cpu", workers=0))  # fmt: skip
