from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from deepvein.core.errors import CohortError, SettingsError
from deepvein.laboratory.kozemzak2019.profiles import narrowed
from deepvein.laboratory.kozemzak2019.recipes import resnet18, unet
from deepvein.training import search
from deepvein.training.machine import Machine
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
