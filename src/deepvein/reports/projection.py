"""What the overview shows: the body like a radiograph, and the shadow of the deep veins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import VeinSegment
from deepvein.drawing.coronal_projection import Front
from deepvein.inference.prediction import Prediction
from deepvein.reports.masks import VEIN_THRESHOLD
from deepvein.studies.study import Modality, Study
from deepvein.veins.naming import Naming
from deepvein.volumes.resample import shrink


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
    # `shrink` gives axial slices from feet to head: going through the rows looks from the front.
    if study.modality is Modality.CT:
        grey = np.stack([_radiograph(plane) for plane in small.array])
    else:
        grey = _stretch(small.array.max(axis=1))
    low, high = small.grid.corners_mm.min(axis=0), small.grid.corners_mm.max(axis=0)
    extent = (float(low[0]), float(high[0]), float(low[2]), float(high[2]))
    return Body(grey[::-1].astype(np.float32), extent)


def _radiograph(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Beer-Lambert in spirit: 40 voxels of soft tissue or 4 of bone absorb most of the light."""
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
class VeinShadow:
    """The deep veins seen from the front.

    segments: (rows, columns) on `front`, the segment value that most voxels behind a pixel have; 0 where
    there is no vein or where it has no name. shown: True where there is a vein.
    """

    front: Front
    segments: NDArray[np.uint8]
    shown: NDArray[np.bool_]


def vein_shadow(prediction: Prediction, naming: Naming) -> VeinShadow | None:
    """The deep veins of a prediction, or None if it shows none."""
    front = Front.covering(prediction.grid)
    count = np.zeros((*front.shape, max(VeinSegment) + 1), dtype=np.int32)
    for index, plane in enumerate(prediction.vein_probability):
        rows, columns = np.nonzero(plane >= VEIN_THRESHOLD)
        if len(rows):
            indices = np.stack([np.full(len(rows), index), rows, columns], axis=1)
            world = prediction.grid.to_world(indices)
            down, across, voxel = front.pixels(world)
            np.add.at(count, (down, across, naming.segments(world)[voxel]), 1)
    shown = count.sum(axis=2) > 0
    if not shown.any():
        return None
    count[..., 0] = 0
    return VeinShadow(front, count.argmax(axis=2).astype(np.uint8), shown)
