"""The noise of magnitude pictures: normal in two channels, Rician in the picture."""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import numpy as np

from deepvein.phantoms.shapes.tube import Pixels32

_LEVELS = 65536


@cache
def _normal() -> Pixels32:
    """(65536,) quantiles of the normal distribution, rounded so that they are the same everywhere."""
    deviate = NormalDist().inv_cdf
    half = [round(deviate((k + 0.5) / _LEVELS), 4) for k in range(_LEVELS // 2)]
    return np.array([*half, *(-value for value in reversed(half))], dtype=np.float32)


def magnitude(signal: Pixels32, sd: float | Pixels32, rng: np.random.Generator) -> Pixels32:
    """(rows, columns) sqrt((signal + n1)^2 + n2^2) with normal n1, n2 of SD `sd`; `signal` is reused."""
    words = rng.integers(0, _LEVELS, (2, *signal.shape), dtype=np.uint16)
    table = _normal()
    real: Pixels32 = np.take(table, words[0])
    imaginary: Pixels32 = np.take(table, words[1])
    spread = np.float32(sd) if isinstance(sd, float) else sd
    real *= spread
    imaginary *= spread
    real += signal
    real *= real
    imaginary *= imaginary
    real += imaginary
    np.sqrt(real, out=real)
    return real
