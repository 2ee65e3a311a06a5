"""Noise made of whole numbers only, so that it is the same to the last bit on every machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.phantoms.tube import Pixels32

KERNELS: dict[str, tuple[int, ...]] = {
    "sharp": (1, 4, 1),
    "standard": (1, 2, 1),
    "smooth": (2, 3, 4, 3, 2),
}
"""Reconstruction kernels as the weights of a separable filter on white noise."""

WORD_SD = (4 * (256.0**2 - 1) / 12) ** 0.5
"""SD of `white` of one word."""


def white(rng: np.random.Generator, shape: tuple[int, int], words: int = 1) -> NDArray[np.int32]:
    """(rows, columns) near-normal whole numbers with mean 0 and SD sqrt(words) * WORD_SD.

    Each is the sum of the four bytes of `words` random words: three words have an excess kurtosis of
    -0.1 and serve where no filter makes the noise more normal afterwards.
    """
    total = _bytes(rng, shape)
    for _ in range(words - 1):
        total += _bytes(rng, shape)
    return total


def _bytes(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.int32]:
    words = rng.integers(0, 2**32, shape, dtype=np.uint32)
    pairs = (words & np.uint32(0x00FF00FF)) + ((words >> np.uint32(8)) & np.uint32(0x00FF00FF))
    total = (pairs & np.uint32(0xFFFF)) + (pairs >> np.uint32(16))
    return total.view(np.int32) - np.int32(510)


def correlated(
    rng: np.random.Generator, shape: tuple[int, int], kernel: tuple[int, ...]
) -> Pixels32:
    """(rows, columns) near-normal noise with mean 0 and SD 1, correlated as `kernel` smooths it."""
    reach = len(kernel) - 1
    raw = white(rng, (shape[0] + reach, shape[1] + reach))
    down = _smooth(raw, kernel, shape[0])
    both = _smooth(down.T, kernel, shape[1]).T
    norm = 1 / (WORD_SD * sum(k * k for k in kernel))
    out: Pixels32 = both.astype(np.float32)
    out *= np.float32(norm)
    return out


def _smooth(raw: NDArray[np.int32], kernel: tuple[int, ...], count: int) -> NDArray[np.int32]:
    out = raw[:count] * np.int32(kernel[0])
    for k in range(1, len(kernel)):
        part = raw[k : k + count]
        out += part if kernel[k] == 1 else part * np.int32(kernel[k])
    return out
