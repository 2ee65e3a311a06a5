"""The original U-Net: no normalisation, padded convolutions.

At the default setting (one channel in and out), input 960×320:

| stage | layers | output |
|---|---|---|
| level 0 | 2 × (3×3 convolution, ReLU) | 64 × 960×320 |
| level 1 | 2×2 max pooling, 2 × (convolution, ReLU) | 128 × 480×160 |
| level 2 | the same | 256 × 240×80 |
| level 3 | the same, dropout | 512 × 120×40 |
| level 4 | the same, dropout | 1024 × 60×20 |
| up to 3 | 2×2 up-convolution, concatenation with level 3, 2 × (convolution, ReLU) | 512 × 120×40 |
| up to 2 | the same with level 2 | 256 × 240×80 |
| up to 1 | the same with level 1 | 128 × 480×160 |
| up to 0 | the same with level 0 | 64 × 960×320 |
| head | 1×1 convolution | 1 × 960×320 |

31,030,593 parameters: 23 convolutional layers, as the publication counts. Padding, in place of its
unpadded convolutions and cropped skips, gives masks on the input's pixels. It names drop-out at the end
of the contracting path without rate or place; here 0.5 after the two deepest levels (M).

Source: Ronneberger, Fischer and Brox, MICCAI 2015, section 2, Figure 1.
"""

from __future__ import annotations

from dataclasses import dataclass

from deepvein.networks.checks import require_positive, require_prior, require_rate
from deepvein.networks.layers import Normalisation
from deepvein.networks.network import NetworkSpec, register
from deepvein.networks.transfer import USHAPED
from deepvein.networks.ushape import UShape, from_shape


@dataclass(frozen=True)
class UNetSettings:
    """The defaults are the publication's.

    in_channels, classes: channels of the input and of the logits.
    base: channels of the first level; each level below has twice as many. depth: number of poolings.
    normalisation: after each convolution; the original has none. groups: of group normalisation.
    dropout: rate after the two deepest levels of the encoder while training.
    prior: the probability that sigmoid outputs start from, or None for logits that start at 0.
    """

    in_channels: int = 1
    classes: int = 1
    base: int = 64
    depth: int = 4
    normalisation: Normalisation = "none"
    groups: int = 8
    dropout: float = 0.5
    prior: float | None = None

    def __post_init__(self) -> None:
        require_positive(self, "in_channels", "classes", "base", "depth", "groups")
        require_rate("dropout", self.dropout)
        require_prior(self.prior)

    @property
    def shape(self) -> UShape:
        """The network that these settings describe."""
        levels = self.depth + 1
        return UShape(
            in_channels=self.in_channels,
            classes=self.classes,
            channels=tuple(self.base * 2**level for level in range(levels)),
            kernels=((3, 3),) * levels,
            factors=((2, 2),) * self.depth,
            normalisation=self.normalisation,
            groups=self.groups,
            upsampling="transposed",
            prior=self.prior,
            dropout=(0.0,) * (levels - 2) + (self.dropout,) * 2,
        )

    @property
    def size_multiple(self) -> tuple[int, ...]:
        """Input sizes must be multiples of this along row, column."""
        return self.shape.size_multiple


UNET = register(
    NetworkSpec(
        name="unet",
        summary="the original U-Net, no normalisation, padded convolutions",
        source="Ronneberger et al. 2015, doi:10.1007/978-3-319-24574-4_28",
        settings=UNetSettings,
        construct=from_shape,
        transfer=USHAPED,
    )
)
