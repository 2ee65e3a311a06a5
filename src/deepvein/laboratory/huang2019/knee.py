"""Proximal and distal: above and below the knee (Huang 2019, Section 1)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Level, VeinSegment, decode
from deepvein.volumes.grid import Grid

PROXIMAL, DISTAL = 1, 2
"""Values of `parts`."""


def knee(segments: NDArray[Any], grid: Grid) -> int | None:
    """The index along the body's axis of the lowest plane that counts as above the knee.

    There the popliteal vein ends in the veins of the calf; what lies in that plane or nearer to the head
    is proximal. None if the segment map shows no deep vein.
    """
    axis = grid.body_axis
    across = tuple(k for k in range(3) if k != axis)
    popliteal: list[int] = []
    proximal: list[int] = []
    distal: list[int] = []
    for label in np.unique(np.asarray(segments)).tolist():
        named = decode(int(label))
        if named is None or not named[0].is_deep:
            continue
        levels = np.flatnonzero((np.asarray(segments) == label).any(axis=across))
        kind = (
            popliteal
            if named[0] is VeinSegment.POPLITEAL
            else (proximal if named[0].term.level is Level.PROXIMAL else distal)
        )
        kind += [int(levels[0]), int(levels[-1])]
    feet_first = _feet_first(grid)
    above = popliteal or proximal
    if above:
        return min(above) if feet_first else max(above)
    if distal:
        return max(distal) + 1 if feet_first else min(distal) - 1
    return None


def parts(mask: NDArray[np.bool_], knee_index: int, grid: Grid) -> NDArray[np.uint8]:
    """0 outside the (slice, row, column) mask, PROXIMAL or DISTAL within."""
    axis = grid.body_axis
    places = np.arange(mask.shape[axis])
    above = places >= knee_index if _feet_first(grid) else places <= knee_index
    shape = [1, 1, 1]
    shape[axis] = -1
    values = np.where(above, PROXIMAL, DISTAL).astype(np.uint8).reshape(shape)
    return mask.view(np.uint8) * values


def _feet_first(grid: Grid) -> bool:
    heights = grid.body_positions_mm()
    return bool(heights[-1] >= heights[0])
