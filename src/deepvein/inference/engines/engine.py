"""What an engine is, and the registry that holds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from deepvein.core.registry import Registry

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from deepvein.training.checkpoints import LoadedModel


class Engine(Protocol):
    """One network on one device, in evaluation: float32 inputs to float32 logits, no gradients.

    Inputs are (batch, channel, [slice,] row, column) on any device; logits lie on `device` and are what
    the network of the same weights gives in torch, up to rounding.
    """

    @property
    def device(self) -> torch.device: ...

    def __call__(self, inputs: Tensor) -> Tensor: ...


ENGINES: Registry[Callable[[LoadedModel, torch.device, bool], Engine]] = Registry(
    "engine", {"torch": "deepvein.inference.engines.torch"}
)
"""Makers of an engine from a model and a device; with True it may compute in half precision."""
