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
from typing import TYPE_CHECKING

from deepvein.core.errors import SettingsError
from deepvein.networks.checks import require_positive, require_rate
from deepvein.networks.network import NetworkSpec
from deepvein.networks.transfer import I3D_KINETICS, Transfer

if TYPE_CHECKING:
    from torch import nn


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


def _construct(settings: I3DSettings) -> nn.Module:
    from deepvein.networks.modules.i3d import I3D

    return I3D(settings)


I3D = NetworkSpec(
    name="i3d",
    summary="Inflated 3D Inception on eleven slices",
    source="Kozemzak et al. 2019, section 4.4.1",
    settings=I3DSettings,
    construct=_construct,
    output="labels",
    transfer=Transfer(
        published=(I3D_KINETICS,), first="Conv3d_1a_7x7.conv3d.weight", fresh=("logits.",)
    ),
)
