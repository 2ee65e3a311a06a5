"""First weights from a seed, without touching any global random state."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.conv import _ConvNd

from deepvein.core.seeds import derive


@runtime_checkable
class Initialised(Protocol):
    """A module that sets its own first weights, those of its children included."""

    def initialise(self, generator: torch.Generator) -> None: ...


def initialise(network: nn.Module, seed: int) -> nn.Module:
    """Draw all weights of `network` in place, in the order of its modules, and return it.

    Convolutions and linear layers: normal with variance 2 / fan-in (He et al. 2015, for ReLU), bias 0.
    Normalisations: scale 1, shift 0, running mean 0 and variance 1. Recurrent layers: uniform within
    1 / sqrt(hidden size), PyTorch's own choice. Raises TypeError for any other module with weights.
    """
    generator = torch.Generator().manual_seed(derive(seed, "network") % 2**63)
    with torch.no_grad():
        _visit(network, generator)
    return network


def _visit(module: nn.Module, generator: torch.Generator) -> None:
    if isinstance(module, Initialised):
        module.initialise(generator)
        return
    if isinstance(module, _ConvNd | nn.Linear):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=generator)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.GroupNorm | nn.LayerNorm | _NormBase):
        module.reset_parameters()
    elif isinstance(module, nn.RNNBase):
        bound = module.hidden_size**-0.5
        for weight in module.parameters():
            nn.init.uniform_(weight, -bound, bound, generator=generator)
    elif any(True for _ in module.parameters(recurse=False)) or any(
        True for _ in module.buffers(recurse=False)
    ):
        raise TypeError(
            f"{type(module).__name__} holds weights but has no rule for their first values"
        )
    for child in module.children():
        _visit(child, generator)
