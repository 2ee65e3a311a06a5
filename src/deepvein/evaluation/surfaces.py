"""Distances between the surfaces of two masks, in mm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.evaluation.metrics import require_same_shape
from deepvein.volumes.grid import Grid


@dataclass(frozen=True)
class SurfaceDistances:
    """Distances between voxel centres of the two surfaces.

    hd95_mm: the larger of the two directed 95th percentiles (Hausdorff distance without its outliers).
    assd_mm: average symmetric surface distance: mean over all voxels of both surfaces.
    Both are 0 if both masks are empty and NaN if one is: there is no distance to nothing, and tables say
    of how many cases a mean was taken.
    """

    hd95_mm: float
    assd_mm: float


def surface_distances(
    prediction: NDArray[np.bool_], reference: NDArray[np.bool_], grid: Grid
) -> SurfaceDistances:
    """Surface distances of two (slice, row, column) masks on `grid`.

    A surface voxel has a face towards the background or the edge of the grid. Memory grows with the
    surfaces, not with the grid. Raises MaskError if the shapes differ.
    """
    from scipy.spatial import cKDTree

    require_same_shape(prediction, reference)
    ours, theirs = surface(prediction), surface(reference)
    if not len(ours) or not len(theirs):
        value = 0.0 if len(ours) == len(theirs) else float("nan")
        return SurfaceDistances(value, value)
    spacing = np.asarray(grid.spacing_mm)
    a, b = cKDTree(ours * spacing), cKDTree(theirs * spacing)
    there, back = np.asarray(b.query(a.data)[0]), np.asarray(a.query(b.data)[0])
    return SurfaceDistances(
        hd95_mm=float(max(np.percentile(there, 95), np.percentile(back, 95))),
        assd_mm=float((there.sum() + back.sum()) / (len(there) + len(back))),
    )


def surface(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(n, 3) indices of the voxels of a mask that have one of their six faces free."""
    found = [np.zeros((0, 3), dtype=np.int64)]
    empty = np.zeros(mask.shape[1:], dtype=bool)
    for number, plane in enumerate(mask):
        if not plane.any():
            continue
        below = mask[number - 1] if number else empty
        above = mask[number + 1] if number + 1 < len(mask) else empty
        inner = plane & below & above
        inner[1:] &= plane[:-1]
        inner[:-1] &= plane[1:]
        inner[:, 1:] &= plane[:, :-1]
        inner[:, :-1] &= plane[:, 1:]
        inner[[0, -1]] = False
        inner[:, [0, -1]] = False
        place = np.argwhere(plane & ~inner)
        found.append(np.column_stack([np.full(len(place), number), place]))
    return np.concatenate(found)
