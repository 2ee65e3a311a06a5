"""Where no deep vein runs there is no thrombus of one: probabilities outside the territories are cleared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

MARGIN_MM = 8.0
"""Kept around the territories: one coarse voxel, as exactly as their borders are known."""


def clear_outside(
    territories: Volume,
    grid: Grid,
    arrays: Sequence[NDArray[np.uint8]],
    margin_mm: float = MARGIN_MM,
) -> None:
    """Sets to 0 what lies farther than `margin_mm` from every coarse voxel whose territory is not 0.

    territories: uint8, 0 none, on a coarse grid of any orientation. arrays: probabilities in bytes, each
    (slice, row, column) on `grid`, changed in place; distances are those of the nearest coarse voxel's
    centre. Beyond the coarse grid its outermost voxels count. Without any territory everything is
    cleared. One slice at a time, about 4 ms for 512 × 512.
    """
    near = _near(territories, margin_mm).ravel()
    # One matrix takes (slice, row, column, 1) of the fine grid to indices of the coarse one.
    turn = np.linalg.inv(territories.grid.affine) @ grid.affine
    shape = territories.grid.shape
    rows, columns = (np.arange(n, dtype=np.float32) for n in grid.shape[1:])
    for index in range(grid.shape[0]):
        planes = [array[index] for array in arrays if array[index].any()]
        if not planes:
            continue
        place = np.zeros(grid.shape[1:], dtype=np.int32)
        for axis, count in enumerate(shape):
            along_rows = turn[axis, 1] * rows
            along_columns = turn[axis, 2] * columns + (turn[axis, 0] * index + turn[axis, 3])
            nearest = np.rint(along_rows[:, None] + along_columns[None, :])
            place = place * count + nearest.clip(0, count - 1).astype(np.int32)
        kept = near[place]
        for plane in planes:
            np.multiply(plane, kept, out=plane)


def _near(territories: Volume, margin_mm: float) -> NDArray[np.bool_]:
    from scipy.ndimage import distance_transform_edt

    named = territories.array > 0
    if not named.any():
        return np.zeros(named.shape, dtype=np.bool_)
    distance = distance_transform_edt(~named, sampling=territories.grid.spacing_mm)
    return np.asarray(distance <= margin_mm + 1e-6, dtype=np.bool_)
