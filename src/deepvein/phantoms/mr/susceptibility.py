"""What metal does to a gradient echo: a void wider than itself, a bright rim, shifted tissue around."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.phantoms.shapes.tube import Pixels32

_BOX_MM = 26.0
"""Edge of the box over which metal is averaged, twice: how far its field reaches (M)."""
VOID, RIM, CALM = 0.12, 0.07, 0.012
"""Share of metal around a voxel: above VOID no signal is left, around RIM signal piles up, below CALM
nothing is seen (M)."""
_SHIFT_MM = 5.0


def influence(metal: NDArray[np.uint8], spacing_mm: tuple[float, float, float]) -> Pixels32:
    """(slice, row, column) share of metal in the box around every voxel, 0 to 1; smoothed twice."""
    out = metal.astype(np.float32)
    for _ in range(2):
        for axis, step in enumerate(spacing_mm):
            out = _boxed(out, axis, max(1, int(_BOX_MM / 2 / step)))
    return out


def _boxed(values: Pixels32, axis: int, half: int) -> Pixels32:
    """Mean over 2 half + 1 voxels along an axis; outside counts as 0."""
    pad = [(0, 0)] * 3
    pad[axis] = (half + 1, half)
    # Sums in 64 bits: exact for what 32-bit averages hold.
    total = np.cumsum(np.pad(values, pad), axis=axis, dtype=np.float64)
    width = 2 * half + 1
    low = np.take(total, range(values.shape[axis]), axis=axis)
    high = np.take(total, range(width, width + values.shape[axis]), axis=axis)
    return np.round((high - low) / width, 5).astype(np.float32)


def disturb(
    signal: NDArray[np.uint16],
    metal: NDArray[np.uint8],
    spacing_mm: tuple[float, float, float],
    strength: float = 1.0,
) -> None:
    """Change `signal` (slice, row, column) in place around `metal`, a mask of the same shape.

    Tissue is displaced along the rows (the readout runs along the body), by at most 5 mm where the void
    begins; the labels stay where the tissue is.
    """
    box = _bounds(metal, [int(_BOX_MM / step) + 2 for step in spacing_mm])
    if box is None:
        return
    near = influence(metal[box], spacing_mm) * np.float32(strength)
    part = signal[box]
    share = np.minimum(near, np.float32(VOID)) * np.float32(1 / VOID)
    rows = np.arange(part.shape[1])[None, :, None]
    move = np.rint(share * np.float32(_SHIFT_MM / spacing_mm[1])).astype(np.intp)
    source = np.take_along_axis(part, np.minimum(rows + move, part.shape[1] - 1), axis=1)
    left = np.minimum(
        np.maximum((np.float32(VOID) - near) * np.float32(1 / (VOID - RIM)), 0), np.float32(1)
    )
    rim = np.maximum(np.float32(0), 1 - np.abs(near - np.float32(RIM)) * np.float32(1 / 0.04))
    changed = source * left * (1 + np.float32(0.7) * rim)
    changed[metal[box] > 0] = 0
    seen = (near > np.float32(CALM)) | (metal[box] > 0)
    part[seen] = np.minimum(np.rint(changed[seen]), 65535).astype(np.uint16)


def _bounds(mask: NDArray[np.uint8], margin: list[int]) -> tuple[slice, slice, slice] | None:
    out = []
    for axis in range(3):
        hit = np.flatnonzero(mask.any(axis=tuple(k for k in range(3) if k != axis)))
        if not len(hit):
            return None
        first = max(0, int(hit[0]) - margin[axis])
        out.append(slice(first, min(mask.shape[axis], int(hit[-1]) + 1 + margin[axis])))
    return out[0], out[1], out[2]
