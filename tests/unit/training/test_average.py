"""The average follows the network as its formula says."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from deepvein.training.average import average_of, follow


def test_early_steps_are_forgotten_sooner() -> None:
    network = nn.BatchNorm1d(1)
    average = average_of(network)
    nn.init.constant_(network.weight, 2.0)
    network.running_mean = torch.tensor([5.0])
    follow(average, network, decay=0.9, step=0)
    assert average.weight.item() == pytest.approx(0.1 * 1 + 0.9 * 2)
    assert average.running_mean is not None
    assert average.running_mean.item() == 5.0
    follow(average, network, decay=0.9, step=1000)
    assert average.weight.item() == pytest.approx(0.9 * 1.9 + 0.1 * 2)
    assert not average.weight.requires_grad
