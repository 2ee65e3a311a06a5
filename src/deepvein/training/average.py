"""The moving average of a network's weights, which is steadier than the weights of any one step."""

from __future__ import annotations

import copy

import torch
from torch import nn


def average_of(network: nn.Module) -> nn.Module:
    """A copy of the network for its average; it is never trained."""
    return copy.deepcopy(network).requires_grad_(False)


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, decay: float, step: int) -> None:
    """Move the average towards the network after `step` (from 0); early steps are forgotten sooner."""
    share = 1 - min(decay, (1 + step) / (10 + step))
    for mean, value in zip(average.parameters(), network.parameters(), strict=True):
        mean.lerp_(value, share)
    for kept, current in zip(average.buffers(), network.buffers(), strict=True):
        kept.copy_(current)
