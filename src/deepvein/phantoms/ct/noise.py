"""Noise made of whole numbers only, so that it is the same to the last bit on every machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.phantoms.shapes.tube import Pixels32

KERNELS: dict[str, tuple[int, ...]] = {
    "sharp": (1, 4, 1),
    "standard": (1, 2, 1),
    "smooth": (2, 3, 4, 3, 2),
}
"""Reconstruction kernels as the weights of a separable filter on white noise."""

KERNEL_NOISE: dict[str, float] = {"sharp": 1.3, "standard": 1.0, "smooth": 0.75}
"""SD of noise relative to the standard kernel's at equal dose (M)."""

_EDGES: dict[str, tuple[int, int]] = {"sharp": (0, 1), "standard": (1, 6), "smooth": (1, 2)}
"""Outer and inner weight of the filter that softens edges: FWHM 1, 1.3 and 2 pixels."""

WORD_SD = (4 * (256.0**2 - 1) / 12) ** 0.5
"""SD of `white` of one word."""

_BOX = 9
_DARK = 0.85
"""Filtered back projection takes this part of the power's amplitude at the lowest frequencies away."""

MIX = 1024
"""Whole numbers in the SD of mixed noise over that of its parts."""


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
    return _filtered(white(rng, _margin(shape, kernel)), shape, kernel, WORD_SD)


def reconstructed(raw: NDArray[np.int32], shape: tuple[int, int], kernel: str) -> Pixels32:
    """Noise of SD 1 with the power spectrum of filtered back projection.

    Little power at the lowest frequencies, most at middle ones, and a fall at high ones that follows the
    kernel. raw: white whole numbers of SD `MIX` * WORD_SD of the shape that `raw_shape` tells.
    """
    weights = KERNELS[kernel]
    inset = (_BOX - len(weights)) // 2
    rows, columns = shape
    reach = len(weights) - 1
    inner = raw[inset : inset + rows + reach, inset : inset + columns + reach]
    both = _smooth(_smooth(inner, weights, rows).T, weights, columns).T
    total = sum(weights)
    share = _DARK * total * total / _BOX**2
    out: Pixels32 = both.astype(np.float32)
    out -= np.float32(share) * _box(raw, shape)
    out *= np.float32(1 / (MIX * WORD_SD * _sd(weights, share)))
    return out


def smeared(raw: NDArray[np.int32], shape: tuple[int, int], kernel: str) -> Pixels32:
    """Noise of SD 1 drawn out along the rows: what photon starvation leaves across a pelvis.

    raw: as for `reconstructed`; another part of it is used, so that both can be added.
    """
    weights = KERNELS[kernel]
    inset = (_BOX - len(weights)) // 2
    rows, columns = shape
    moved = np.roll(raw, rows // 3, axis=0)[inset : inset + rows + len(weights) - 1]
    both = _run(_smooth(moved, weights, rows).T, columns).T
    out: Pixels32 = both.astype(np.float32)
    out *= np.float32(1 / (MIX * WORD_SD * (_BOX * sum(k * k for k in weights)) ** 0.5))
    return out


def raw_shape(shape: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of white noise that `reconstructed` needs for an image of `shape`."""
    return shape[0] + _BOX - 1, shape[1] + _BOX - 1


def overlap_weights(thickness_mm: float, increment_mm: float) -> tuple[int, int]:
    """Whole weights, of length MIX, of a slice's own and the next slice's white noise.

    Neighbours that overlap by a part r of their thickness have noise correlated by r; beyond one half
    the slices after next would have to share too, which this leaves out.
    """
    r = min(max(1 - increment_mm / thickness_mm, 0.0), 0.5)
    own = ((1 + (1 - 4 * r * r) ** 0.5) / 2) ** 0.5
    a = round(MIX * own)
    return a, round((MIX * MIX - a * a) ** 0.5)


def softened(value: Pixels32, kernel: str) -> Pixels32:
    """A slice with its edges as soft as the kernel makes them."""
    outer, inner = _EDGES[kernel]
    if not outer:
        return value
    a, b = np.float32(outer / (2 * outer + inner)), np.float32(inner / (2 * outer + inner))
    down = b * value
    down[1:] += a * value[:-1]
    down[:-1] += a * value[1:]
    down[0] += a * value[0]
    down[-1] += a * value[-1]
    out: Pixels32 = b * down
    out[:, 1:] += a * down[:, :-1]
    out[:, :-1] += a * down[:, 1:]
    out[:, 0] += a * down[:, 0]
    out[:, -1] += a * down[:, -1]
    return out


def _margin(shape: tuple[int, int], kernel: tuple[int, ...]) -> tuple[int, int]:
    return shape[0] + len(kernel) - 1, shape[1] + len(kernel) - 1


def _filtered(
    raw: NDArray[np.int32], shape: tuple[int, int], kernel: tuple[int, ...], sd: float
) -> Pixels32:
    down = _smooth(raw, kernel, shape[0])
    both = _smooth(down.T, kernel, shape[1]).T
    out: Pixels32 = both.astype(np.float32)
    out *= np.float32(1 / (sd * sum(k * k for k in kernel)))
    return out


def _sd(weights: tuple[int, ...], share: float) -> float:
    """SD of white noise of SD 1 after the kernel less `share` of the box."""
    squares, total = sum(k * k for k in weights), sum(weights)
    return float((squares**2 - 2 * share * total**2 + share * share * _BOX**2) ** 0.5)


def _box(raw: NDArray[np.int32], shape: tuple[int, int]) -> Pixels32:
    """Sums over squares of _BOX x _BOX pixels."""
    down = _run(raw, shape[0])
    both = _run(down.T, shape[1]).T
    return both.astype(np.float32)


def _run(raw: NDArray[np.int32], count: int) -> NDArray[np.int32]:
    """Sums of nine neighbours as three times three."""
    three = raw[:-2] + raw[1:-1]
    three += raw[2:]
    nine = three[:count] + three[3 : count + 3]
    nine += three[6 : count + 6]
    return nine


def _smooth(raw: NDArray[np.int32], kernel: tuple[int, ...], count: int) -> NDArray[np.int32]:
    out = raw[:count] * np.int32(kernel[0])
    for k in range(1, len(kernel)):
        part = raw[k : k + count]
        out += part if kernel[k] == 1 else part * np.int32(kernel[k])
    return out
