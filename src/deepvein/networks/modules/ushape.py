"""The module of all U-shaped networks; their tables of shapes stand beside their settings."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from deepvein.networks.modules.blocks import Convolutions, Head, pooling, require_shape, upsampling
from deepvein.networks.ushape import UShape


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
