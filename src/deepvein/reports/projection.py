"""The legs seen from the front: image, veins and thrombi projected onto one coronal picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.findings.screening import Screening
from deepvein.reports.masks_nifti import VEIN_THRESHOLD
from deepvein.studies.study import Modality, Study
from deepvein.volumes.grid import Float
from deepvein.volumes.resample import shrink
from deepvein.volumes.volume import Volume

TREE_MM = 1.0
"""Pixel of the projected vein tree."""


@dataclass(frozen=True, eq=False)
class Body:
    """The projected image, (rows from head to feet, columns from the patient's right to the left).

    grey: 0 (nothing) to 1. extent_mm: LPS x of the left and right edge, z of the lower and upper edge.
    """

    grey: NDArray[np.float32]
    extent_mm: tuple[float, float, float, float]


def body(study: Study, spacing_mm: float = 2.0) -> Body:
    """CT: thickness of soft tissue with bones on top, like a radiograph. MR: maximum intensity."""
    small = shrink(study.volume, spacing_mm)
    # `shrink` gives axial slices from feet to head: summing over rows looks from the front.
    if study.modality is Modality.CT:
        grey = np.stack([_radiograph(plane) for plane in small.array])
    else:
        grey = _stretch(small.array.max(axis=1))
    corners = small.grid.corners_mm
    low, high = corners.min(axis=0), corners.max(axis=0)
    return Body(
        grey[::-1].astype(np.float32),
        (float(low[0]), float(high[0]), float(low[2]), float(high[2])),
    )


def _radiograph(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    soft = np.clip((plane + 400) / 400, 0, 1).sum(axis=0)
    bone = np.clip((plane - 180) / 500, 0, 1).sum(axis=0)
    grey: NDArray[np.float32] = 0.45 * (1 - np.exp(-soft / 40)) + 0.55 * (1 - np.exp(-bone / 4))
    return grey


def _stretch(array: NDArray[np.float32]) -> NDArray[np.float32]:
    values = array[array > array.mean() * 0.25]
    if not len(values):
        return np.zeros_like(array)
    low, high = np.percentile(values, (20, 99.7))
    grey: NDArray[np.float32] = np.clip((array - low) / max(high - low, 1e-6), 0, 1)
    return grey


@dataclass(frozen=True, eq=False)
class Tree:
    """The projected deep veins.

    segments: (rows, columns) segment value, 0 for none or unnamed; depth: number of voxels behind each
    pixel; both head to feet and right to left in pixels of TREE_MM. origin_mm: LPS x and z of the centre
    of the upper left pixel. spans: for each segment value its lowest and highest z in mm.
    """

    segments: NDArray[np.uint8]
    depth: NDArray[np.int64]
    origin_mm: tuple[float, float]
    spans: dict[int, tuple[float, float]]


def tree(screening: Screening) -> Tree | None:
    """The deep veins of the prediction, or None if it shows none."""
    points, names = _vein_points(screening)
    if not len(points):
        return None
    left, top = points[:, 0].min(), points[:, 2].max()
    column = np.rint((points[:, 0] - left) / TREE_MM).astype(np.int64)
    row = np.rint((top - points[:, 2]) / TREE_MM).astype(np.int64)
    # Thick slices would leave gaps: a voxel covers all the rows between it and the next.
    tall = max(1, round(_height_mm(screening) / TREE_MM))
    wide = max(1, round(_width_mm(screening) / TREE_MM))
    shape = (int(row.max()) + tall, int(column.max()) + wide)
    count = np.zeros((*shape, 16), dtype=np.int32)
    for down in range(tall):
        for across in range(wide):
            np.add.at(count, (row + down, column + across, names), 1)
    depth = count.sum(axis=2)
    count[..., 0] = 0
    named = count.argmax(axis=2).astype(np.uint8)
    origin = (float(left - (wide - 1) / 2 * TREE_MM), float(top + (tall - 1) / 2 * TREE_MM))
    spans = {
        int(value): _span(points[names == value, 2]) for value in np.unique(names) if value > 0
    }
    return Tree(named, depth, origin, spans)


def _span(z: Float) -> tuple[float, float]:
    """Lowest and highest z without stray voxels."""
    low, high = np.percentile(z, (0.5, 99.5))
    return float(low), float(high)


def _height_mm(screening: Screening) -> float:
    grid = screening.prediction.grid
    return float(np.abs(grid.affine[2, :3]).max())


def _width_mm(screening: Screening) -> float:
    grid = screening.prediction.grid
    return float(np.abs(grid.affine[0, :3]).max())


def _vein_points(screening: Screening) -> tuple[Float, NDArray[np.int64]]:
    """LPS positions (n, 3) of the vein voxels and their territories (n,)."""
    prediction = screening.prediction
    points, names = [], []
    for index, plane in enumerate(prediction.vein_probability):
        rows, columns = np.nonzero(plane >= VEIN_THRESHOLD)
        if not len(rows):
            continue
        indices = np.stack([np.full(len(rows), index), rows, columns], axis=1)
        world = prediction.grid.to_world(indices)
        points.append(world.astype(np.float32))
        names.append(territory(prediction.territories, world))
    if not points:
        return np.zeros((0, 3)), np.zeros(0, dtype=np.int64)
    return np.concatenate(points), np.concatenate(names)


def territory(territories: Volume, world: Float) -> NDArray[np.int64]:
    """The segment value nearest to each LPS point, 0 outside the map."""
    index = np.rint(territories.grid.to_index(world)).astype(np.int64)
    shape = np.asarray(territories.grid.shape)
    inside = ((index >= 0) & (index < shape)).all(axis=1)
    index = np.clip(index, 0, shape - 1)
    return np.where(inside, territories.array[tuple(index.T)], 0).astype(np.int64)
