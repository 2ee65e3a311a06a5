"""Optimisers from their settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepvein.training.settings import OptimiserSettings

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer


def optimiser(settings: OptimiserSettings, network: nn.Module) -> Optimizer:
    """The optimiser over all parameters of `network` that are trained."""
    from torch import optim

    parameters = [one for one in network.parameters() if one.requires_grad]
    rate, decay = settings.learning_rate, settings.weight_decay
    betas, epsilon = (settings.momentum, settings.beta2), settings.epsilon
    if settings.kind == "adam":
        return optim.Adam(parameters, lr=rate, betas=betas, eps=epsilon, weight_decay=decay)
    if settings.kind == "adamw":
        return optim.AdamW(parameters, lr=rate, betas=betas, eps=epsilon, weight_decay=decay)
    return optim.SGD(parameters, lr=rate, momentum=settings.momentum, weight_decay=decay)
