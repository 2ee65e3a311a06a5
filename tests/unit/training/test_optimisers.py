"""The first step of each optimiser, worked out by hand for a gradient of 3 at a weight of 1."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from deepvein.training.optimisers import optimiser
from deepvein.training.settings import OptimiserSettings


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (OptimiserSettings(kind="sgd", learning_rate=0.1), 1 - 0.1 * 3),
        (OptimiserSettings(kind="sgd", learning_rate=0.1, weight_decay=0.5), 1 - 0.1 * 3.5),
        (OptimiserSettings(kind="adam", learning_rate=0.1), 1 - 0.1),
        (OptimiserSettings(kind="adam", learning_rate=0.1, epsilon=3.0), 1 - 0.1 / 2),
        (OptimiserSettings(kind="adamw", learning_rate=0.1, weight_decay=0.5), 1 - 0.05 - 0.1),
    ],
)
def test_first_step(settings: OptimiserSettings, expected: float) -> None:
    layer = nn.Linear(1, 1, bias=False)
    nn.init.ones_(layer.weight)
    made = optimiser(settings, layer)
    layer(torch.full((1, 1), 3.0)).backward()
    made.step()
    assert layer.weight.item() == pytest.approx(expected, rel=1e-5)


def test_frozen_parameters_stay() -> None:
    layer = nn.Linear(2, 2)
    layer.bias.requires_grad_(False)
    groups = optimiser(OptimiserSettings(), layer).param_groups
    assert sum(len(group["params"]) for group in groups) == 1
