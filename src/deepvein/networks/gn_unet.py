"""The group-normalised U-Net of Huang et al. 2019, in two and three dimensions.

At the paper's setting (one channel in and out, base 32, depth 4), input 960×320:

| stage | layers | output |
|---|---|---|
| C1–C2 | 2 × (3×3 convolution, group norm, ReLU) | 32 × 960×320 |
| P1 | 2×2 max pooling, 2 × (convolution, group norm, ReLU) | 64 × 480×160 |
| P2 | the same | 128 × 240×80 |
| P3 | the same | 256 × 120×40 |
| P4 | the same | 512 × 60×20 |
| U1 | upsampling, concatenation with P3, 2 × (convolution, group norm, ReLU) | 256 × 120×40 |
| U2 | the same with P2 | 128 × 240×80 |
| U3 | the same with P1 | 64 × 480×160 |
| U4 | the same with C2 | 32 × 960×320 |
| conv1 | 1×1 convolution | 1 × 960×320 |

7,765,409 parameters with transposed convolutions as upsampling layers (the default: the paper says
about 7.8 million), 7,851,969 with nearest-neighbour upsampling. The paper does not say how many groups
its normalisation has.

Source: Huang et al., BioMed Research International 2019, section 2.3 and Figure 1.
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
class GNUNetSettings:
    """The defaults are the paper's.

    in_channels, classes: channels of the input and of the logits.
    base: channels of the first level; each level below has twice as many, up to `max_channels`.
    depth: number of poolings. Levels are numbered 0 (full size) to `depth`.
    normalisation: group, batch or instance normalisation after each convolution, or none.
    groups: of the group normalisation; levels whose channels it does not divide take the greatest
    common divisor of both.
    pooling: the factor of each of the `depth` poolings along (slice,) row, column; empty for 2 along all.
    kernels: the kernel size of each of the depth + 1 levels along the same axes, odd; empty for 3.
    prior: the probability that sigmoid outputs start from, or None for logits that start at 0.
    """

    in_channels: int = 1
    classes: int = 1
    base: int = 32
    depth: int = 4
    groups: int = 8
    normalisation: Normalisation = "group"
    upsampling: Literal["nearest", "transposed"] = "transposed"
    dimensions: Literal[2, 3] = 2
    pooling: tuple[tuple[int, ...], ...] = ()
    kernels: tuple[tuple[int, ...], ...] = ()
    max_channels: int = 512
    prior: float | None = None

    def __post_init__(self) -> None:
        require_positive(self, "in_channels", "classes", "base", "depth", "groups", "max_channels")
        if self.dimensions not in (2, 3):
            raise SettingsError(f"dimensions must be 2 or 3, got {self.dimensions}")
        require_levels("pooling", self.pooling, self.depth, self.dimensions)
        require_levels("kernels", self.kernels, self.depth + 1, self.dimensions)
        if any(size % 2 == 0 for kernel in self.kernels for size in kernel):
            raise SettingsError(f"kernels must be odd, got {self.kernels}")
        require_prior(self.prior)

    @property
    def pooling_factors(self) -> tuple[tuple[int, ...], ...]:
        """The factor of each pooling, from the first to the deepest."""
        return self.pooling or ((2,) * self.dimensions,) * self.depth

    @property
    def kernel_sizes(self) -> tuple[tuple[int, ...], ...]:
        """The kernel of each level, from level 0 to the deepest."""
        return self.kernels or ((3,) * self.dimensions,) * (self.depth + 1)

    @property
    def channels(self) -> tuple[int, ...]:
        """The channels of each level, from level 0 to the deepest."""
        return tuple(
            min(self.base * 2**level, self.max_channels) for level in range(self.depth + 1)
        )

    @property
    def shape(self) -> UShape:
        """The network that these settings describe."""
        return UShape(
            in_channels=self.in_channels,
            classes=self.classes,
            channels=self.channels,
            kernels=self.kernel_sizes,
            factors=self.pooling_factors,
            normalisation=self.normalisation,
            groups=self.groups,
            upsampling=self.upsampling,
            prior=self.prior,
        )

    @property
    def size_multiple(self) -> tuple[int, ...]:
        """Input sizes must be multiples of this along (slice,) row, column."""
        return self.shape.size_multiple


GN_UNET = register(
    NetworkSpec(
        name="gn-unet",
        summary="U-Net with group normalisation, two or three dimensions",
        source="Huang et al. 2019, doi:10.1155/2019/3401683",
        settings=GNUNetSettings,
        construct=from_shape,
        transfer=USHAPED,
    )
)
