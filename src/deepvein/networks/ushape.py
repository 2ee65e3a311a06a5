"""What U-shaped networks have in common; free of torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Normalisation = Literal["group", "batch", "instance", "none"]


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
