"""What a network is called, which settings it takes and how it is built; torch is imported on building."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from deepvein.core.errors import SettingsError
from deepvein.core.registry import Registry
from deepvein.networks.transfer import Transfer

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class NetworkSpec:
    """One architecture.

    settings: its frozen dataclass of settings.
    construct: makes the module from the settings; imports torch inside, draws no random numbers.
    source: the publication that describes it.
    output: "masks" for logits (B, classes, [slice,] row, column) on the input's pixels, "labels" for
    logits (B, classes) of the whole example.
    transfer: how weights that were trained elsewhere enter it.
    """

    name: str
    summary: str
    source: str
    settings: type
    construct: Callable[[Any], nn.Module]
    output: Literal["masks", "labels"] = "masks"
    transfer: Transfer = field(default_factory=Transfer)

    def build(self, settings: Any, seed: int = 0) -> nn.Module:
        """The network with its first weights: the same for the same settings and seed."""
        from deepvein.networks.initialisation import initialise

        network = self.skeleton(settings).to_empty(device="cpu")
        return initialise(network, seed)

    def skeleton(self, settings: Any) -> nn.Module:
        """The network without memory for its weights (torch's meta device), to load weights into."""
        import torch

        if not isinstance(settings, self.settings):
            raise SettingsError(
                f"network {self.name!r} takes {self.settings.__name__}, got {type(settings).__name__}"
            )
        with torch.device("meta"):
            return self.construct(settings)

    def parameters(self, settings: Any) -> int:
        """The number of trained parameters, counted without making them."""
        return sum(parameter.numel() for parameter in self.skeleton(settings).parameters())


NETWORKS: Registry[NetworkSpec] = Registry("network")
