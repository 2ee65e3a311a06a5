"""The U-Nets of Kozemzak et al. 2019: ten convolutional layers, in two and three dimensions.

The paper says: ten convolutional layers, in the encoder separated by max poolings and in the second
half by upsamplings, with skip concatenations; the number was searched on the validation set. Read here
as five and five, one a level, the tenth being the output's. Input 224×224, and 8×224×224:

| layer | stage | 2D output | 3D output |
|---|---|---|---|
| 1 | 3×3 convolution, ReLU | 32 × 224×224 | 32 × 8×224×224 |
| 2 | max pooling, convolution, ReLU | 64 × 112×112 | 64 × 4×112×112 |
| 3 | the same | 128 × 56×56 | 128 × 2×56×56 |
| 4 | the same | 256 × 28×28 | 256 × 1×28×28 |
| 5 | the same | 512 × 14×14 | 512 × 1×14×14 |
| 6 | upsampling, concatenation with 4, convolution, ReLU | 256 × 28×28 | 256 × 1×28×28 |
| 7 | the same with 3 | 128 × 56×56 | 128 × 2×56×56 |
| 8 | the same with 2 | 64 × 112×112 | 64 × 4×112×112 |
| 9 | the same with 1 | 32 × 224×224 | 32 × 8×224×224 |
| 10 | 1×1 convolution | 1 × 224×224 | 1 × 8×224×224 |

3,918,593 parameters in 2D, 11,752,769 in 3D, whose kernels are 3×3×3 and whose last pooling keeps the
one slice that is left of eight. The other reading, two convolutions a level as in the original U-Net and
the output's not counted, is `depth=2, convolutions=2`. The paper gives neither the number of channels
(here 32 at first), nor the upsampling (nearest neighbour, without weights), nor a normalisation (none).

Source: Kozemzak et al. 2019, section 4.3.1; in 3D after Çiçek et al., MICCAI 2016.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from deepvein.core.errors import SettingsError
from deepvein.networks.checks import require_levels, require_positive, require_prior
from deepvein.networks.layers import Normalisation
from deepvein.networks.network import NetworkSpec, register
from deepvein.networks.transfer import USHAPED
from deepvein.networks.ushape import UShape, from_shape


@dataclass(frozen=True)
class KozemzakUNetSettings:
    """The defaults are the paper's as read above.

    in_channels, classes: channels of the input and of the logits.
    base: channels of the first level; each level below has twice as many. depth: number of poolings.
    convolutions: of a level in the encoder, and of one in the decoder.
    normalisation: after each convolution. groups: of group normalisation.
    pooling: the factor of each pooling along (slice,) row, column; empty for 2 along all.
    target: in 3D, masks of all slices or of the middle one alone (`ChunkSettings.target`; the paper's
    section 6 proposes the latter).
    prior: the probability that sigmoid outputs start from, or None for logits that start at 0.
    """

    in_channels: int = 1
    classes: int = 1
    base: int = 32
    depth: int = 4
    convolutions: int = 1
    normalisation: Normalisation = "none"
    groups: int = 8
    upsampling: Literal["nearest", "transposed"] = "nearest"
    dimensions: Literal[2, 3] = 2
    pooling: tuple[tuple[int, ...], ...] = ()
    target: Literal["all", "centre"] = "all"
    prior: float | None = None

    def __post_init__(self) -> None:
        require_positive(self, "in_channels", "classes", "base", "depth", "convolutions", "groups")
        if self.dimensions not in (2, 3):
            raise SettingsError(f"dimensions must be 2 or 3, got {self.dimensions}")
        if self.target == "centre" and self.dimensions == 2:
            raise SettingsError(
                "target='centre' is for three dimensions; a single slice has no other"
            )
        require_levels("pooling", self.pooling, self.depth, self.dimensions)
        require_prior(self.prior)

    @property
    def shape(self) -> UShape:
        """The network that these settings describe."""
        levels = self.depth + 1
        return UShape(
            in_channels=self.in_channels,
            classes=self.classes,
            channels=tuple(self.base * 2**level for level in range(levels)),
            kernels=((3,) * self.dimensions,) * levels,
            factors=self.pooling or ((2,) * self.dimensions,) * self.depth,
            normalisation=self.normalisation,
            groups=self.groups,
            upsampling=self.upsampling,
            prior=self.prior,
            convolutions=self.convolutions,
            centre=self.target == "centre",
        )

    @property
    def size_multiple(self) -> tuple[int, ...]:
        """Input sizes must be multiples of this along (slice,) row, column."""
        return self.shape.size_multiple


@dataclass(frozen=True)
class KozemzakUNet3DSettings(KozemzakUNetSettings):
    """The same with 3D operations, for chunks of eight slices."""

    dimensions: Literal[2, 3] = 3
    pooling: tuple[tuple[int, ...], ...] = (*((2, 2, 2),) * 3, (1, 2, 2))


_SOURCE = "Kozemzak et al. 2019, section 4.3.1"

KOZEMZAK_UNET = register(
    NetworkSpec(
        name="kozemzak-unet",
        summary="U-Net with ten convolutional layers",
        source=_SOURCE,
        settings=KozemzakUNetSettings,
        construct=from_shape,
        transfer=USHAPED,
    )
)

KOZEMZAK_UNET_3D = register(
    NetworkSpec(
        name="kozemzak-unet-3d",
        summary="U-Net with ten convolutional layers in three dimensions, for eight slices",
        source=_SOURCE,
        settings=KozemzakUNet3DSettings,
        construct=from_shape,
        transfer=USHAPED,
    )
)
