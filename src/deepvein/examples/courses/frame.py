"""Where the pixels of a course's sections lie beside its vein: centred badly, as a predicted vein is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.examples.courses.scene import PIXEL_MM as PAINTED_MM
from deepvein.examples.courses.scene import SIZE as PAINTED

Float32 = NDArray[np.float32]

SIZE = 28
PIXEL_MM = 0.9
"""What a reader sees: SIZE × SIZE pixels of PIXEL_MM, 25 mm wide."""


@dataclass(frozen=True, eq=False)
class Frame:
    """x_mm, y_mm: (n, SIZE) places of the columns and rows, from the true middle of the vein."""

    x_mm: Float32
    y_mm: Float32

    def seen(self, planes: NDArray[np.generic]) -> Float32:
        """(n, SIZE, SIZE) of planes painted on the scene's pixels, (n, PAINTED, PAINTED), linearly
        interpolated and held constant beyond their edge."""
        across, down = _weights(self.x_mm), _weights(self.y_mm)
        out: Float32 = down @ planes.astype(np.float32) @ across.transpose(0, 2, 1)
        return out


def drawn_frame(rng: np.random.Generator, n: int) -> Frame:
    """A frame for n sections: magnified by a few per cent, its middle wandering about the vein's."""
    zoom = rng.uniform(0.85, 1.15)
    base = (np.arange(SIZE) - (SIZE - 1) / 2) * PIXEL_MM * zoom
    wander = rng.choice([0.4, 1.0, 2.0, 3.5], p=[0.3, 0.35, 0.25, 0.1])
    aside = wander * wave(rng, n, 2, rng.uniform(4, 20))
    if rng.random() < 0.15:
        # A stretch in which another vessel was followed.
        begin, length = int(rng.integers(n)), int(rng.integers(3, 20))
        aside[begin : begin + length] += rng.uniform(-7, 7, 2).astype(np.float32)
    aside = np.clip(aside, -8, 8)
    return Frame(
        (base[None, :] + aside[:, :1]).astype(np.float32),
        (base[None, :] + aside[:, 1:]).astype(np.float32),
    )


def wave(rng: np.random.Generator, n: int, columns: int, period: float) -> Float32:
    """(n, columns) smooth curves along a course with mean 0 and SD about 1; `period` in sections."""
    knots = max(3, int(n / period) + 2)
    drawn = rng.standard_normal((knots, columns))
    at = np.linspace(0, knots - 1, n)
    low = np.minimum(at.astype(int), knots - 2)
    f = (at - low)[:, None]
    f = f * f * (3 - 2 * f)
    out: Float32 = (drawn[low] * (1 - f) + drawn[low + 1] * f).astype(np.float32)
    return out


def _weights(at_mm: Float32) -> Float32:
    """(n, SIZE, PAINTED) linear interpolation."""
    place = np.clip(at_mm / PAINTED_MM + (PAINTED - 1) / 2, 0, PAINTED - 1.001)
    distance = np.abs(place[:, :, None] - np.arange(PAINTED, dtype=np.float32))
    out: Float32 = np.maximum(0, 1 - distance).astype(np.float32)
    return out
