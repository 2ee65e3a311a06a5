"""ResNet18, which tells whether one slice shows a thrombus (Kozemzak et al. 2019).

At the default setting (one channel, two classes), input 224×224:

| stage | layers | output |
|---|---|---|
| conv1 | 7×7 convolution, stride 2, batch norm, ReLU | 64 × 112×112 |
| maxpool | 3×3 max pooling, stride 2 | 64 × 56×56 |
| layer1 | 2 × residual block of two 3×3 convolutions | 64 × 56×56 |
| layer2 | the same, first stride 2 | 128 × 28×28 |
| layer3 | the same | 256 × 14×14 |
| layer4 | the same | 512 × 7×7 |
| mean | over rows and columns | 512 |
| fc | linear | 2 |

11,171,266 parameters; 11,689,512 with ImageNet's three channels and thousand classes, as torchvision's.
Layers bear torchvision's names and compute the same from the same weights. `in_channels=2` takes the
vein mask as the second channel.

Source: Kozemzak et al. 2019, section 4.4.1; He, Zhang, Ren and Sun, CVPR 2016, table 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from deepvein.networks.checks import require_positive
from deepvein.networks.layers import require_shape
from deepvein.networks.network import NetworkSpec, register
from deepvein.networks.resnet import ResNet
from deepvein.networks.transfer import RESNET18_IMAGENET, Transfer


@dataclass(frozen=True)
class ResNet18Settings:
    """in_channels, classes: channels of the input and logits of the answer.

    width: channels of the first convolution; published weights need 64.
    """

    in_channels: int = 1
    classes: int = 2
    width: int = 64

    def __post_init__(self) -> None:
        require_positive(self, "in_channels", "classes", "width")

    @property
    def size_multiple(self) -> tuple[int, ...]:
        """Input sizes must be multiples of this along row, column: any size will do."""
        return (1, 1)


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


RESNET18 = register(
    NetworkSpec(
        name="resnet18",
        summary="ResNet18 on one slice",
        source="Kozemzak et al. 2019, section 4.4.1",
        settings=ResNet18Settings,
        construct=ResNet18,
        output="labels",
        transfer=Transfer(published=(RESNET18_IMAGENET,), first="conv1.weight", fresh=("fc.",)),
    )
)
