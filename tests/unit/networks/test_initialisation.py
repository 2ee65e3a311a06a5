"""First weights have the published spread, and nothing is left at an arbitrary value."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from deepvein.networks.initialisation import initialise


def test_convolutions_have_variance_two_over_fan_in() -> None:
    layer = nn.Conv2d(64, 256, 3)
    initialise(layer, 0)
    assert layer.weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.02)
    assert layer.bias is not None
    assert not layer.bias.any()


def test_every_value_is_set() -> None:
    network = nn.Sequential(
        nn.Conv3d(1, 2, 3), nn.BatchNorm3d(2), nn.GroupNorm(1, 2), nn.Linear(2, 2), nn.LSTM(2, 3)
    )
    for tensor in (*network.parameters(), *network.buffers()):
        tensor.data.fill_(99)
    initialise(network, 0)
    assert all((tensor != 99).all() for tensor in (*network.parameters(), *network.buffers()))


def test_a_module_without_a_rule_is_refused() -> None:
    with pytest.raises(TypeError, match="Embedding"):
        initialise(nn.Sequential(nn.Embedding(3, 2)), 0)


def test_modules_may_set_their_own() -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.value = nn.Parameter(torch.zeros(2))

        def initialise(self, generator: torch.Generator) -> None:
            nn.init.constant_(self.value, 7.0)

    own = Own()
    initialise(own, 0)
    assert own.value.tolist() == [7.0, 7.0]
