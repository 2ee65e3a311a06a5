"""The module of `deepvein.networks.gn_unet`, where its table of shapes stands."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from deepvein.networks.modules.blocks import (
    DoubleConvolution,
    Head,
    pooling,
    require_shape,
    upsampling,
)

if TYPE_CHECKING:
    from deepvein.networks.gn_unet import GNUNetSettings


class GNUNet(nn.Module):
    """(B, in_channels, [slice,] row, column) to logits (B, classes, [slice,] row, column).

    Sizes must be multiples of `settings.size_multiple`; others are refused with the size that fits.
    """

    def __init__(self, settings: GNUNetSettings) -> None:
        super().__init__()
        self.settings = settings
        channels = settings.channels
        kernels = settings.kernel_sizes
        factors = settings.pooling_factors
        kind, groups = settings.normalisation, settings.groups

        self.encoder = nn.ModuleList(
            DoubleConvolution(incoming, outgoing, kernel, kind, groups)
            for (incoming, outgoing), kernel in zip(
                pairwise((settings.in_channels, *channels)), kernels, strict=True
            )
        )
        self.pooling = nn.ModuleList(pooling(factor) for factor in factors)
        self.upsampling = nn.ModuleList()
        self.decoder = nn.ModuleList()
        for level in reversed(range(settings.depth)):
            below, here = channels[level + 1], channels[level]
            self.upsampling.append(upsampling(below, here, factors[level], settings.upsampling))
            risen = here if settings.upsampling == "transposed" else below
            self.decoder.append(DoubleConvolution(risen + here, here, kernels[level], kind, groups))
        self.head = Head(channels[0], settings.classes, settings.dimensions, settings.prior)

    def forward(self, inputs: Tensor) -> Tensor:
        require_shape(inputs, self.settings.in_channels, self.settings.size_multiple)
        features: Tensor = self.encoder[0](inputs)
        skips: list[Tensor] = []
        for pool, encode in zip(self.pooling, list(self.encoder)[1:], strict=True):
            skips.append(features)
            features = encode(pool(features))
        for rise, decode in zip(self.upsampling, self.decoder, strict=True):
            features = decode(torch.cat([skips.pop(), rise(features)], dim=1))
        logits: Tensor = self.head(features)
        return logits
