"""The convolutional layers of VGG16, under the names that torchvision gives them, and what networks on them
are set to."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from deepvein.networks.checks import require_positive, require_prior
from deepvein.networks.layers import Normalisation

BLOCKS = ((1, 1), (2, 2), (4, 4, 4), (8, 8, 8), (8, 8, 8))
"""Channels of each convolution, block by block, as multiples of the first one's 64 (Simonyan and
Zisserman 2015, table 1, column D). A 2×2 max pooling ends each block."""


@dataclass(frozen=True)
class VGG16Settings:
    """in_channels, classes: channels of the input and of the logits.

    width: channels of the first convolution; published weights need 64.
    normalisation: after each convolution that does not come from VGG16. groups: of group normalisation.
    prior: the probability that sigmoid outputs start from, or None for logits that start at 0.
    """

    in_channels: int = 1
    classes: int = 1
    width: int = 64
    normalisation: Normalisation = "none"
    groups: int = 8
    prior: float | None = None

    def __post_init__(self) -> None:
        require_positive(self, "in_channels", "classes", "width", "groups")
        require_prior(self.prior)

    @property
    def size_multiple(self) -> tuple[int, ...]:
        """Input sizes must be multiples of this along row, column."""
        return (32, 32)


def widths(width: int) -> tuple[tuple[int, ...], ...]:
    """The channels of each convolution with `width` in the first."""
    return tuple(tuple(width * factor for factor in block) for block in BLOCKS)


def features(in_channels: int, width: int = 64) -> nn.Sequential:
    """(B, in_channels, row, column) to (B, 8 width, row / 32, column / 32), rounded down.

    Numbered 0 to 30 as `features` of torchvision's vgg16: convolution, ReLU, …, max pooling.
    """
    layers: list[nn.Module] = []
    incoming = in_channels
    for block in widths(width):
        for outgoing in block:
            layers += [nn.Conv2d(incoming, outgoing, 3, padding=1), nn.ReLU(inplace=True)]
            incoming = outgoing
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)
