"""Flat pictures of a volume: planes and curved sheets of points in the patient.

Every view is a sheet of LPS points with the patient's right on the left and the head up (coronal) or
the front up (axial), whatever the orientation of the volume.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepvein.volumes.grid import Float, Grid
from deepvein.volumes.resample import linear_values
from deepvein.volumes.volume import Volume

LEFT = np.array([1.0, 0.0, 0.0])
BACK = np.array([0.0, 1.0, 0.0])
FEET = np.array([0.0, 0.0, -1.0])


@dataclass(frozen=True, eq=False)
class View:
    """points_mm: (rows, columns, 3) LPS positions of the pixels; pixel_mm: their distance.

    heads: what lies beyond the left, right, upper and lower edge, such as ("R", "L", "A", "P").
    """

    points_mm: Float
    pixel_mm: float
    heads: tuple[str, str, str, str]

    @property
    def shape(self) -> tuple[int, int]:
        return self.points_mm.shape[0], self.points_mm.shape[1]


def axial(centre_mm: ArrayLike, width_mm: float, height_mm: float, pixel_mm: float) -> View:
    """The axial plane through `centre_mm`, which lies in the middle of the picture."""
    points = _plane(centre_mm, LEFT, BACK, width_mm, height_mm, pixel_mm)
    return View(points, pixel_mm, ("R", "L", "A", "P"))


def coronal(centre_mm: ArrayLike, width_mm: float, height_mm: float, pixel_mm: float) -> View:
    """The coronal plane through `centre_mm`."""
    points = _plane(centre_mm, LEFT, FEET, width_mm, height_mm, pixel_mm)
    return View(points, pixel_mm, ("R", "L", "H", "F"))


def along(path_mm: Float, width_mm: float, pixel_mm: float) -> View:
    """A coronal sheet that follows a path, so that a winding vein shows in one picture.

    path_mm: (n, 3) LPS points, z descending in steps of `pixel_mm`; the path becomes the straight
    middle line of the picture, and each row runs from right to left through its point.
    """
    count = max(1, round(width_mm / pixel_mm))
    across = (np.arange(count) - (count - 1) / 2) * pixel_mm
    points = path_mm[:, None, :] + across[None, :, None] * LEFT
    return View(points, pixel_mm, ("R", "L", "H", "F"))


def _plane(
    centre_mm: ArrayLike,
    right: Float,
    down: Float,
    width_mm: float,
    height_mm: float,
    pixel_mm: float,
) -> Float:
    columns, rows = (max(1, round(size / pixel_mm)) for size in (width_mm, height_mm))
    across = (np.arange(columns) - (columns - 1) / 2) * pixel_mm
    below = (np.arange(rows) - (rows - 1) / 2) * pixel_mm
    points: Float = (
        np.asarray(centre_mm, dtype=np.float64)
        + across[None, :, None] * right
        + below[:, None, None] * down
    )
    return points


def sample(volume: Volume, view: View, outside: float = 0.0) -> NDArray[np.float32]:
    """The volume at the view's points by linear interpolation, (rows, columns) float32.

    Points outside the volume take `outside`.
    """
    if not _meet(volume.grid, view):
        return np.full(view.shape, outside, dtype=np.float32)
    return linear_values(volume, view.points_mm.reshape(-1, 3), outside).reshape(view.shape)


def _meet(grid: Grid, view: View) -> bool:
    """False if the boxes around grid and view lie apart."""
    low, high = grid.corners_mm.min(axis=0), grid.corners_mm.max(axis=0)
    along = [view.points_mm[..., axis] for axis in range(3)]
    return all(
        part.max() >= least and part.min() <= most
        for part, least, most in zip(along, low, high, strict=True)
    )


def mask_of(indices: NDArray[np.int64], grid: Grid) -> Volume:
    """The voxels (n, 3) as a small mask (uint8) with an empty border, on its own part of the grid.

    The border may lie outside the grid; what is drawn from it stays in place.
    """
    low = indices.min(axis=0) - 1
    high = indices.max(axis=0) + 2
    array = np.zeros(tuple(high - low), dtype=np.uint8)
    array[tuple((indices - low).T)] = 1
    start, stop = tuple(low.tolist()), tuple(high.tolist())
    return Volume(array, grid.crop(start, stop))
