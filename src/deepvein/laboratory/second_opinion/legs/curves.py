"""Smooth chance: tables read between their levels, curves that wander, mottled volumes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepvein.laboratory.second_opinion.legs.anatomy import Table

Float = NDArray[np.float64]
Single = NDArray[np.float32]

_BLUR = 0.62
"""Of a mottled volume's grain; wide enough that the knots cannot be seen."""


def along(table: Table, level: Float) -> tuple[Float, ...]:
    """The columns of `table` at each level, without overshoot; beyond its ends as at them."""
    from scipy.interpolate import PchipInterpolator

    knots = np.array(sorted(table), dtype=np.float64)
    at = np.clip(level, knots[0, 0], knots[-1, 0])
    return tuple(
        np.asarray(PchipInterpolator(knots[:, 0], column)(at)) for column in knots[:, 1:].T
    )


def wander(rng: np.random.Generator, level: Float, length_mm: float, sd: float) -> Float:
    """A smooth curve about 0 that turns every `length_mm`."""
    from scipy.interpolate import CubicSpline

    low, high = float(level.min()) - length_mm, float(level.max()) + length_mm
    knots = max(4, math.ceil((high - low) / length_mm) + 1)
    curve = CubicSpline(np.linspace(low, high, knots), rng.normal(0, sd, knots))
    return np.asarray(curve(level), dtype=np.float64)


def mottle(
    rng: np.random.Generator,
    shape: tuple[int, int, int],
    spacing_mm: tuple[float, float, float],
    grain_mm: tuple[float, float, float],
) -> Single:
    """A smooth volume of mean 0 and SD 1; spacing and grain along (slice, row, column)."""
    knots, weights = [], []
    for size, step, grain in zip(shape, spacing_mm, grain_mm, strict=True):
        count = max(3, math.ceil(size * step / grain) + 2)
        place = np.arange(size) * (count - 1.001) / max(1, size - 1)
        weight = np.exp(-0.5 * ((place[:, None] - np.arange(count)) / _BLUR) ** 2)
        weight /= np.sqrt((weight**2).sum(1, keepdims=True))
        knots.append(count)
        weights.append(weight.astype(np.float32))
    chance = rng.standard_normal(knots, dtype=np.float32)
    planes = np.matmul(weights[1], np.matmul(chance, weights[2].T))
    out: Single = np.matmul(weights[0], planes.reshape(knots[0], -1)).reshape(shape)
    return out


def ramp(t: ArrayLike) -> Float:
    """0 below 0, 1 above 1, smooth between."""
    u = np.clip(np.asarray(t, dtype=np.float64), 0, 1)
    out: Float = u * u * (3 - 2 * u)
    return out
