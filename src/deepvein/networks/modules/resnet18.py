"""The module of `deepvein.networks.resnet18`, where its table of shapes stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor

from deepvein.networks.modules.blocks import require_shape
from deepvein.networks.modules.resnet import ResNet

if TYPE_CHECKING:
    from deepvein.networks.resnet18 import ResNet18Settings


class ResNet18(ResNet):
    """(B, in_channels, row, column) of any size to logits (B, classes)."""

    def __init__(self, settings: ResNet18Settings) -> None:
        super().__init__("resnet18", settings.in_channels, settings.classes, settings.width)
        self.settings = settings

    def forward(self, inputs: Tensor) -> Tensor:
        require_shape(inputs, self.settings.in_channels, self.settings.size_multiple)
        return super().forward(inputs)
