"""Where no deep vein runs there is no thrombus of one: probabilities outside the territories are cleared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume
from deepvein.volumes.zeros import marked

MARGIN_MM = 8.0
"""Kept around the territories: one coarse voxel, as exactly as their borders are known."""


_NOISE = 1e-12
"""What is left of axes that are perpendicular, in coarse voxels a fine one."""


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
    cleared. One slice at a time, and of it only what is marked.
    """
    near = _near(territories, margin_mm).ravel()
    # One matrix takes (slice, row, column, 1) of the fine grid to indices of the coarse one.
    turn = np.linalg.inv(territories.grid.affine) @ grid.affine
    turn[np.abs(turn) < _NOISE] = 0.0
    shape = territories.grid.shape
    rows, columns = (np.arange(n, dtype=np.float32) for n in grid.shape[1:])
    for index in range(grid.shape[0]):
        planes = [array[index] for array in arrays]
        box = marked(planes)
        if box is None:
            continue
        place = np.zeros((1, 1), dtype=np.int32)
        for axis, count in enumerate(shape):
            along_rows = turn[axis, 1] * rows[box[0]]
            along_columns = turn[axis, 2] * columns[box[1]] + (
                turn[axis, 0] * index + turn[axis, 3]
            )
            # On grids that run alike a coarse index depends on the row or the column alone.
            if not turn[axis, 1]:
                along_rows = along_rows[:1]
            elif not turn[axis, 2]:
                along_columns = along_columns[:1]
            nearest = np.rint(along_rows[:, None] + along_columns[None, :])
            place = place * count + nearest.clip(0, count - 1).astype(np.int32)
        kept = near[place]
        for plane in planes:
            part = plane[box]
            np.multiply(part, kept, out=part)


def _near(territories: Volume, margin_mm: float) -> NDArray[np.bool_]:
    from scipy.ndimage import distance_transform_edt

    named = territories.array > 0
    if not named.any():
        return np.zeros(named.shape, dtype=np.bool_)
    distance = distance_transform_edt(~named, sampling=territories.grid.spacing_mm)
    return np.asarray(distance <= margin_mm + 1e-6, dtype=np.bool_)
