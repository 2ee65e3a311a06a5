"""Inflated 3D Inception, which tells from eleven slices whether the middle one shows a thrombus.

At the default setting (one channel, two classes), input 11×224×224; each convolution is followed by
batch norm and ReLU, and each size is divided by the stride and rounded up:

| stage | layers | output |
|---|---|---|
| Conv3d_1a_7x7 | 7×7×7 convolution, stride 2 | 64 × 6×112×112 |
| MaxPool3d_2a_3x3 | 1×3×3 max pooling, stride 1×2×2 | 64 × 6×56×56 |
| Conv3d_2b_1x1, 2c_3x3 | 1×1×1 and 3×3×3 convolution | 192 × 6×56×56 |
| MaxPool3d_3a_3x3 | 1×3×3 max pooling, stride 1×2×2 | 192 × 6×28×28 |
| Mixed_3b, 3c | two Inception modules | 480 × 6×28×28 |
| MaxPool3d_4a_3x3 | 3×3×3 max pooling, stride 2 | 480 × 3×14×14 |
| Mixed_4b to 4f | five Inception modules | 832 × 3×14×14 |
| MaxPool3d_5a_2x2 | 2×2×2 max pooling, stride 2 | 832 × 2×7×7 |
| Mixed_5b, 5c | two Inception modules | 1024 × 2×7×7 |
| mean | over slices, rows and columns; dropout | 1024 |
| logits | 1×1×1 convolution | 2 |

12,245,410 parameters; 12,697,264 with the three channels and 400 classes of Kinetics. The published
network averages over 2×7×7 before its logits and over time after them: at eleven slices of 224×224 the
same as the mean taken here. The paper calls it a 3D version of Inception v3 and cites the I3D, which
inflates Inception v1. `in_channels=2` takes the vein masks as the second channel.

Source: Kozemzak et al. 2019, section 4.4.1; Carreira and Zisserman, CVPR 2017, Figure 3; Szegedy et al.,
CVPR 2015, table 1. Names of the layers as in the published PyTorch weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from deepvein.core.errors import SettingsError
from deepvein.networks.checks import require_positive, require_rate
from deepvein.networks.layers import require_shape
from deepvein.networks.network import NetworkSpec, register
from deepvein.networks.transfer import I3D_KINETICS, Transfer


@dataclass(frozen=True)
class I3DSettings:
    """in_channels, classes: channels of the input and logits of the answer.

    width: channels of the first convolution, a multiple of 4; published weights need 64.
    dropout: rate before the logits while training (0.5 in the published PyTorch network).
    """

    in_channels: int = 1
    classes: int = 2
    width: int = 64
    dropout: float = 0.5

    def __post_init__(self) -> None:
        require_positive(self, "in_channels", "classes", "width")
        if self.width % 4:
            raise SettingsError(f"width must be a multiple of 4, got {self.width}")
        require_rate("dropout", self.dropout)

    @property
    def size_multiple(self) -> tuple[int, ...]:
        """Input sizes must be multiples of this along slice, row, column: any size will do."""
        return (1, 1, 1)


Size = tuple[int, int, int]

MIXED: dict[str, tuple[int, int, int, int, int, int]] = {
    "Mixed_3b": (64, 96, 128, 16, 32, 32),
    "Mixed_3c": (128, 128, 192, 32, 96, 64),
    "Mixed_4b": (192, 96, 208, 16, 48, 64),
    "Mixed_4c": (160, 112, 224, 24, 64, 64),
    "Mixed_4d": (128, 128, 256, 24, 64, 64),
    "Mixed_4e": (112, 144, 288, 32, 64, 64),
    "Mixed_4f": (256, 160, 320, 32, 128, 128),
    "Mixed_5b": (256, 160, 320, 32, 128, 128),
    "Mixed_5c": (384, 192, 384, 48, 128, 128),
}
"""Channels of the branches' convolutions: the first; both of the second; both of the third; the fourth.
Szegedy et al., CVPR 2015, table 1."""


def pad_same(inputs: Tensor, kernel: Size, stride: Size) -> Tensor:
    """Zeros around, the odd one behind, so that each axis comes out as size / stride, rounded up."""
    around: list[int] = []
    for size, k, s in reversed(list(zip(inputs.shape[2:], kernel, stride, strict=True))):
        total = max((-(-size // s) - 1) * s + k - size, 0)
        around += [total // 2, total - total // 2]
    return pad(inputs, around) if any(around) else inputs


class Unit3D(nn.Module):
    """Convolution, batch norm, ReLU, with padding by the size of the input."""

    def __init__(
        self, incoming: int, outgoing: int, kernel: Size = (1, 1, 1), stride: Size = (1, 1, 1)
    ) -> None:
        super().__init__()
        self.kernel, self.stride = kernel, stride
        self.conv3d = nn.Conv3d(incoming, outgoing, kernel, stride=stride, bias=False)
        self.bn = nn.BatchNorm3d(outgoing, eps=0.001, momentum=0.01)

    def forward(self, inputs: Tensor) -> Tensor:
        features = self.conv3d(pad_same(inputs, self.kernel, self.stride))
        result: Tensor = torch.relu(self.bn(features))
        return result


class SamePool3D(nn.Module):
    """Max pooling with padding by the size of the input; zeros do, since no input is negative."""

    def __init__(self, kernel: Size, stride: Size) -> None:
        super().__init__()
        self.kernel, self.stride = kernel, stride
        self.pool = nn.MaxPool3d(kernel, stride)

    def forward(self, inputs: Tensor) -> Tensor:
        result: Tensor = self.pool(pad_same(inputs, self.kernel, self.stride))
        return result


class Inception(nn.Module):
    """Four branches on the same input, their channels one after another."""

    def __init__(self, incoming: int, channels: tuple[int, ...]) -> None:
        super().__init__()
        one, two_in, two, three_in, three, four = channels
        cube = (3, 3, 3)
        self.b0 = Unit3D(incoming, one)
        self.b1a, self.b1b = Unit3D(incoming, two_in), Unit3D(two_in, two, cube)
        self.b2a, self.b2b = Unit3D(incoming, three_in), Unit3D(three_in, three, cube)
        self.b3a, self.b3b = SamePool3D(cube, (1, 1, 1)), Unit3D(incoming, four)

    def forward(self, inputs: Tensor) -> Tensor:
        branches = [
            self.b0(inputs),
            self.b1b(self.b1a(inputs)),
            self.b2b(self.b2a(inputs)),
            self.b3b(self.b3a(inputs)),
        ]
        return torch.cat(branches, dim=1)


class Logits(nn.Module):
    """A 1×1×1 convolution with bias, named as in the published weights."""

    def __init__(self, incoming: int, classes: int) -> None:
        super().__init__()
        self.conv3d = nn.Conv3d(incoming, classes, 1)

    def forward(self, inputs: Tensor) -> Tensor:
        result: Tensor = self.conv3d(inputs)
        return result


class InflatedInception(nn.Module):
    """(B, in_channels, slice, row, column) of any size to logits (B, classes)."""

    def __init__(self, settings: I3DSettings) -> None:
        super().__init__()
        self.settings = settings

        def scaled(channels: int) -> int:
            return channels * settings.width // 64

        flat, halves = (1, 3, 3), (2, 2, 2)
        width, third = scaled(64), scaled(192)
        self.stages: list[str] = []

        def add(name: str, module: nn.Module) -> None:
            self.add_module(name, module)
            self.stages.append(name)

        add("Conv3d_1a_7x7", Unit3D(settings.in_channels, width, (7, 7, 7), halves))
        add("MaxPool3d_2a_3x3", SamePool3D(flat, (1, 2, 2)))
        add("Conv3d_2b_1x1", Unit3D(width, width))
        add("Conv3d_2c_3x3", Unit3D(width, third, (3, 3, 3)))
        add("MaxPool3d_3a_3x3", SamePool3D(flat, (1, 2, 2)))
        incoming = third
        for name, table in MIXED.items():
            if name == "Mixed_4b":
                add("MaxPool3d_4a_3x3", SamePool3D((3, 3, 3), halves))
            if name == "Mixed_5b":
                add("MaxPool3d_5a_2x2", SamePool3D(halves, halves))
            channels = tuple(scaled(number) for number in table)
            add(name, Inception(incoming, channels))
            incoming = channels[0] + channels[2] + channels[4] + channels[5]
        self.dropout = nn.Dropout(settings.dropout)
        self.logits = Logits(incoming, settings.classes)

    def forward(self, inputs: Tensor) -> Tensor:
        mean = self._features(inputs).mean(dim=(2, 3, 4), keepdim=True)
        logits: Tensor = self.logits(self.dropout(mean))
        return logits.flatten(1)

    def class_activation(self, inputs: Tensor) -> Tensor:
        """Where each logit comes from, (B, classes, slice, row, column), coarse: 2×7×7 of 11×224×224.

        The mean over all places plus the last layer's bias is the logit (Zhou et al., CVPR 2016).
        """
        weight = self.logits.conv3d.weight.flatten(1)
        return torch.einsum("bcshw,kc->bkshw", self._features(inputs), weight)

    def _features(self, inputs: Tensor) -> Tensor:
        require_shape(inputs, self.settings.in_channels, self.settings.size_multiple)
        features = inputs
        for name in self.stages:
            features = self.get_submodule(name)(features)
        return features


I3D = register(
    NetworkSpec(
        name="i3d",
        summary="Inflated 3D Inception on eleven slices",
        source="Kozemzak et al. 2019, section 4.4.1",
        settings=I3DSettings,
        construct=InflatedInception,
        output="labels",
        transfer=Transfer(
            published=(I3D_KINETICS,), first="Conv3d_1a_7x7.conv3d.weight", fresh=("logits.",)
        ),
    )
)
