"""Drawing numbers for a person or a study so that they are the same on every machine.

Logarithms and exponentials may differ by one unit in the last place between mathematics libraries;
rounding what was drawn removes that before it can move a pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")

DIGITS = 6


def normal(
    rng: np.random.Generator, mean: float, sd: float, low: float = -1e9, high: float = 1e9
) -> float:
    """A normal number clipped to [low, high]."""
    return round(min(max(mean + sd * float(rng.standard_normal()), low), high), DIGITS)


def uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A number between `low` and `high`, rounded to DIGITS."""
    return round(float(rng.uniform(low, high)), DIGITS)


def lognormal(
    rng: np.random.Generator, median: float, sigma: float, low: float, high: float
) -> float:
    """A lognormal number with the given median, clipped to [low, high]."""
    value = median * float(np.exp(sigma * float(rng.standard_normal())))
    return round(min(max(value, low), high), DIGITS)


def chance(rng: np.random.Generator, probability: float) -> bool:
    """True with `probability`, [0, 1]."""
    return float(rng.random()) < probability


def choose(rng: np.random.Generator, options: Sequence[T], weights: Sequence[float]) -> T:
    """One of `options`; weights need not sum to 1."""
    point = float(rng.random()) * sum(weights)
    for option, weight in zip(options, weights, strict=True):
        point -= weight
        if point < 0:
            return option
    return options[-1]
