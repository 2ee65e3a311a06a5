"""Settings that cannot train are refused."""

from __future__ import annotations

import pytest

from deepvein.core.errors import SettingsError
from deepvein.core.settings import from_dict, to_dict
from deepvein.training.settings import OptimiserSettings, TrainingSettings


@pytest.mark.parametrize(
    "values",
    [
        {"epochs": 0},
        {"steps_per_epoch": 0},
        {"accumulate": 0},
        {"clip_norm": 0.0},
        {"average": 1.0},
        {"patience": 0},
        {"seed": -1},
        {"score": "iou"},
        {"optimiser": {"learning_rate": 0.0}},
        {"optimiser": {"momentum": 1.0}},
        {"optimiser": {"learning_rate": float("nan")}},
        {"optimiser": {"learning_rate": float("inf")}},
        {"optimiser": {"weight_decay": float("nan")}},
        {"optimiser": {"epsilon": float("nan")}},
        {"schedule": {"decay": float("nan")}},
        {"clip_norm": float("nan")},
        {"schedule": {"warm_up_steps": -1}},
        {"schedule": {"final": 2.0}},
        {"epoch": 3},
    ],
)
def test_settings_out_of_range_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        from_dict(TrainingSettings, values)


def test_what_is_out_of_range_is_said_once() -> None:
    with pytest.raises(SettingsError) as caught:
        from_dict(TrainingSettings, {"epochs": 0})
    assert str(caught.value) == "TrainingSettings: epochs must be 1 or larger, got 0"


def test_settings_survive_json() -> None:
    settings = TrainingSettings(average=0.9, optimiser=OptimiserSettings(kind="sgd"))
    assert from_dict(TrainingSettings, to_dict(settings)) == settings


def test_processes_share_a_step_evenly() -> None:
    assert TrainingSettings(accumulate=6).share(3) == 2
    with pytest.raises(SettingsError, match="4 processes cannot share the 6 batches"):
        TrainingSettings(accumulate=6).share(4)
