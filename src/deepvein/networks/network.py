"""What a network is called, which settings it takes and how it is built."""

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
    construct: makes the module from the settings; draws no random numbers.
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


_ROOM = "deepvein.networks"

NETWORKS: Registry[NetworkSpec] = Registry(
    "network",
    {
        "gn-unet": f"{_ROOM}.gn_unet",
        "gn-unet-3d": f"{_ROOM}.gn_unet_3d",
        "unet": f"{_ROOM}.unet",
        "segnet": f"{_ROOM}.segnet",
        "gcn": f"{_ROOM}.gcn",
        "kozemzak-unet": f"{_ROOM}.kozemzak_unet",
        "kozemzak-unet-3d": f"{_ROOM}.kozemzak_unet",
        "vgg-unet": f"{_ROOM}.vgg_unet",
        "resnet18": f"{_ROOM}.resnet18",
        "cnn-rnn": f"{_ROOM}.cnn_rnn",
        "i3d": f"{_ROOM}.i3d",
        "course-reader": f"{_ROOM}.course_reader",
    },
)


def register(spec: NetworkSpec) -> NetworkSpec:
    """Enter an architecture under its name; the last line of its file."""
    return NETWORKS.add(spec.name, spec)
