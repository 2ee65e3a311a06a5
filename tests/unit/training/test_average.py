"""The average follows the network as its formula says."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from deepvein.training.average import average_of


def test_early_steps_are_forgotten_sooner() -> None:
    network = nn.BatchNorm1d(1)
    average = average_of(network, decay=0.9)
    means = average.module
    nn.init.constant_(network.weight, 2.0)
    network.running_mean = torch.tensor([5.0])
    average.update_parameters(network)
    assert means.weight.item() == 2.0
    assert means.running_mean.item() == 5.0
    nn.init.constant_(network.weight, 3.0)
    average.update_parameters(network)
    assert means.weight.item() == pytest.approx(2.0 + (1 - 2 / 11) * (3.0 - 2.0))
    average.n_averaged.fill_(1000)
    before = means.weight.item()
    average.update_parameters(network)
    assert means.weight.item() == pytest.approx(0.9 * before + 0.1 * 3.0)
    assert not means.weight.requires_grad
