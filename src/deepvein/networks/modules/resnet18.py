"""The module of `deepvein.networks.resnet18`, where its table of shapes stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from deepvein.networks.modules.blocks import require_shape
from deepvein.networks.modules.resnet import ResNet

if TYPE_CHECKING:
    from deepvein.networks.resnet18 import ResNet18Settings


class ResNet18(ResNet):
    """(B, in_channels, row, column) of any size to logits (B, classes)."""

    fc: nn.Linear

    def __init__(self, settings: ResNet18Settings) -> None:
        super().__init__("resnet18", settings.in_channels, settings.classes, settings.width)
        self.settings = settings

    def forward(self, inputs: Tensor) -> Tensor:
        require_shape(inputs, self.settings.in_channels, self.settings.size_multiple)
        return super().forward(inputs)

    def class_activation(self, inputs: Tensor) -> Tensor:
        """Where each logit comes from, (B, classes, row, column) at a 32nd of the size, rounded up.

        The mean over rows and columns plus the last layer's bias is the logit (Zhou et al., CVPR 2016).
        """
        require_shape(inputs, self.settings.in_channels, self.settings.size_multiple)
        return torch.einsum("bchw,kc->bkhw", self.stages(inputs)[-1], self.fc.weight)
