from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deepvein.laboratory.costs import Queued, queue_table, seconds_a_step
from deepvein.laboratory.huang2019.experiments import experiments
from deepvein.laboratory.huang2019.profiles import PROFILES, QUICK
from deepvein.laboratory.huang2019.study import Study
from deepvein.laboratory.kozemzak2019 import profiles as kozemzak
from deepvein.laboratory.kozemzak2019.step_actions import Study as KozemzakStudy
from deepvein.laboratory.kozemzak2019.study import Kozemzak2019
from deepvein.training.machine import Machine

CPU = Machine(device="cpu", workers=0)
TINY = replace(
    QUICK, name="tiny", size=(64, 32), narrowing=16, kernel=3, chunk=4, epochs=3, steps=10
)


def test_a_training_is_timed_on_its_own_network() -> None:
    for one in experiments(TINY):
        if one.name in ("models/gcn", "volume/gn-unet-3d", "sequences/gn-unet-t2"):
            assert 0 < seconds_a_step(one.recipe, CPU) < 60


def test_a_training_is_timed_at_the_precision_in_which_it_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Gradients of 3D networks in bfloat16 are wrong on a CPU and may end the process."""
    met: list[str] = []
    fabric = Machine.fabric

    def watched(machine: Machine) -> Any:
        met.append(machine.precision)
        return fabric(replace(machine, precision="32-true"))

    monkeypatch.setattr(Machine, "fabric", watched)
    recipes = {one.name: one.recipe for one in experiments(TINY)}
    for name in ("models/gn-unet", "volume/gn-unet-3d"):
        seconds_a_step(recipes[name], replace(CPU, precision="bf16-mixed"))
    assert met == ["bf16-mixed", "32-true"]


def test_the_queue_says_what_each_step_costs_and_all_together() -> None:
    recipe = experiments(TINY)[0].recipe
    queue = [Queued("cohort"), Queued.of("a", recipe), Queued("b", recipe, 60), Queued("c", recipe)]
    table = queue_table(queue, CPU, 2)
    assert [row[:2] for row in table.rows] == [
        ("cohort", "–"), ("a", "30"), ("b", "60"), ("c", "–"), ("All trainings, 2 at a time", ""),
    ]  # fmt: skip
    assert [row[2] == "–" for row in table.rows] == [True, False, False, True, False]


def test_the_queue_of_days_holds_search_curves_and_every_fold(tmp_path: Path) -> None:
    names = [one.name for one in Study(PROFILES.get("days"), tmp_path).queue()]
    assert names[:2] == ["cohort", "cohort-centres"]
    assert names.index("rates/gn-unet/0.001") < names.index("models/gn-unet/fold-0")
    for name in ("models/unet/fold-7", "curve/gn-unet-10/fold-0", "normalisation/batch/fold-1"):
        assert name in names
    assert names[-1] == "bundle"
    assert len(names) == len(set(names))


@pytest.mark.parametrize("profile", ["days"])
def test_the_queue_of_days_holds_five_splits(tmp_path: Path, profile: str) -> None:
    study = KozemzakStudy(kozemzak.PROFILES.get(profile), tmp_path)
    queue = Kozemzak2019.of(study, pretrained="none").queue()
    names = [one.name for one in queue]
    for name in ("models/vgg-split-4", "models/i3d-masks-split-1", "models/cnn-rnn-10", "bundle"):
        assert name in names
    trained = [one for one in queue if one.recipe is not None]
    assert all(one.steps for one in trained)
