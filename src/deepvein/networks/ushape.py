"""What U-shaped networks have in common: an encoder, a decoder and skips between their levels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, Protocol

import torch
from torch import Tensor, nn

from deepvein.networks.layers import (
    Convolutions,
    Head,
    Normalisation,
    pooling,
    require_shape,
    upsampling,
)


@dataclass(frozen=True)
class UShape:
    """An encoder with poolings, a decoder with as many upsamplings, and skips between their levels.

    channels, kernels: of each level, from the input's size down. factors: of each pooling.
    convolutions: of a level in the encoder, and of one in the decoder. dropout: its rate after the
    encoder's levels, from level 0 down; 0 for none. prior: as `Head` takes it. centre: logits of the
    middle slice alone, number slices // 2.
    """

    in_channels: int
    classes: int
    channels: tuple[int, ...]
    kernels: tuple[tuple[int, ...], ...]
    factors: tuple[tuple[int, ...], ...]
    normalisation: Normalisation
    groups: int
    upsampling: Literal["nearest", "transposed"]
    prior: float | None
    convolutions: int = 2
    dropout: tuple[float, ...] = ()
    centre: bool = False

    @property
    def size_multiple(self) -> tuple[int, ...]:
        """Input sizes must be multiples of this along (slice,) row, column."""
        return tuple(math.prod(axis) for axis in zip(*self.factors, strict=True))


class UShaped(nn.Module):
    """(B, in_channels, [slice,] row, column) to logits (B, classes, [slice,] row, column).

    With `shape.centre`, (B, in_channels, slice, row, column) to (B, classes, row, column).

    Sizes must be multiples of `shape.size_multiple`; others are refused with the size that fits.
    """

    def __init__(self, shape: UShape) -> None:
        super().__init__()
        self.shape = shape
        channels, kernels, factors = shape.channels, shape.kernels, shape.factors

        self.encoder = nn.ModuleList(
            self._level(incoming, outgoing, kernel)
            for (incoming, outgoing), kernel in zip(
                pairwise((shape.in_channels, *channels)), kernels, strict=True
            )
        )
        for level, rate in zip(self.encoder, shape.dropout, strict=False):
            if rate and isinstance(level, nn.Sequential):
                level.append(nn.Dropout(rate))
        self.pooling = nn.ModuleList(pooling(factor) for factor in factors)
        self.upsampling = nn.ModuleList()
        self.decoder = nn.ModuleList()
        for number in reversed(range(len(factors))):
            below, here = channels[number + 1], channels[number]
            self.upsampling.append(upsampling(below, here, factors[number], shape.upsampling))
            risen = here if shape.upsampling == "transposed" else below
            self.decoder.append(self._level(risen + here, here, kernels[number]))
        self.head = Head(channels[0], shape.classes, len(kernels[0]), shape.prior)

    def _level(self, incoming: int, outgoing: int, kernel: tuple[int, ...]) -> Convolutions:
        shape = self.shape
        return Convolutions(
            incoming, outgoing, kernel, shape.normalisation, shape.groups, shape.convolutions
        )

    def forward(self, inputs: Tensor) -> Tensor:
        require_shape(inputs, self.shape.in_channels, self.shape.size_multiple)
        features: Tensor = self.encoder[0](inputs)
        skips: list[Tensor] = []
        for pool, encode in zip(self.pooling, list(self.encoder)[1:], strict=True):
            skips.append(features)
            features = encode(pool(features))
        for rise, decode in zip(self.upsampling, self.decoder, strict=True):
            features = decode(torch.cat([skips.pop(), rise(features)], dim=1))
        if self.shape.centre:
            middle = features.shape[2] // 2
            features = features[:, :, middle : middle + 1]
        logits: Tensor = self.head(features)
        return logits.squeeze(2) if self.shape.centre else logits


class UShapedSettings(Protocol):
    """Settings of an architecture that are a U-shape in the end."""

    @property
    def shape(self) -> UShape: ...


def from_shape(settings: UShapedSettings) -> UShaped:
    """The module of such settings."""
    return UShaped(settings.shape)
