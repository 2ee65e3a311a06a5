"""What the receiver coils hear: brighter near their elements, darker in the depth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.core.seeds import generator
from deepvein.phantoms.mr.lattice import Lattice
from deepvein.phantoms.shapes import draw

_STEP_MM = 16.0
_REACH_MM = 105.0
"""Distance at which an element's sensitivity has fallen to a quarter (M)."""
_GAP_MM = 14.0
"""Elements lie outside the picture's front and back, on cushions (M)."""


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What signal and noise are multiplied with over a station, after the scanner's own correction."""

    signal: Lattice
    noise: Lattice


def sample_sensitivity(
    seed: int,
    station: int,
    size_mm: tuple[float, float, float],
    uncorrected: float,
) -> Sensitivity:
    """An array of 24 elements, half in front and half behind, over a station of (slice, row, column) size.

    The elements' signals are joined by the root of the sum of squares, S, scaled to a mean of 1. The
    scanner then divides picture and noise by u + (1 - u) S, u being the part left uncorrected: what is
    bright stays bright in part, and what was weak is left noisy.
    """
    rng = generator(seed, "acquisition", "coils", station)
    depth, length, width = size_mm
    shape = tuple(max(3, int(edge / _STEP_MM) + 1) for edge in size_mm)
    y, z, x = np.meshgrid(
        *(np.linspace(0, e, n) for e, n in zip(size_mm, shape, strict=True)), indexing="ij"
    )
    total = np.zeros(shape)
    for back in (False, True):
        for along in range(4):
            for across in range(3):
                weight = draw.lognormal(rng, 1.15 if back else 1.0, 0.22, 0.5, 2.0)
                if draw.chance(rng, 0.01):  # a broken element
                    weight = 0.15
                ey = depth + _GAP_MM if back else -_GAP_MM
                ez = length * (along + 0.5) / 4 + draw.normal(rng, 0, 12, -25, 25)
                ex = width * (across + 0.5) / 3 + draw.normal(rng, 0, 12, -25, 25)
                square = (y - ey) ** 2 + (z - ez) ** 2 + (x - ex) ** 2
                falloff = weight / (1 + square / _REACH_MM**2) ** 2
                total += falloff * falloff
    sensitivity = np.sqrt(total)
    sensitivity /= round(float(np.median(sensitivity)), 6)
    # Towards the ends of the bore the transmitter excites less.
    end = np.minimum(z, length - z) / (0.12 * length)
    sensitivity *= 0.72 + 0.28 * np.minimum(1.0, end)
    correction = uncorrected + (1 - uncorrected) * sensitivity
    signal = np.round(sensitivity / correction, 5).astype(np.float32)
    noise = np.round(1 / correction, 5).astype(np.float32)
    return Sensitivity(Lattice(signal), Lattice(noise))
