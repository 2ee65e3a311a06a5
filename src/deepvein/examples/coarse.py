"""The whole study on a few hundred thousand cubic voxels, and which deep vein runs nearest in each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import deep_mask, segment_labels
from deepvein.examples.settings import CoarseSettings
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Grid
from deepvein.volumes.resample import shrink
from deepvein.volumes.volume import Volume

_CT_WINDOW = (-200.0, 400.0)
"""Hounsfield units that become -1..1: fat to contrast-filled veins; bone saturates."""

_MR_PERCENTILES = (1.0, 99.8)
"""Percentiles of the shrunken MR volume that become -1..1; MR signal has no unit."""

SEGMENTS = 13
"""Deep-vein segments, whose values 1 to 13 are the territories; 0 is none."""

EMPTY_INPUT = -1.0
"""Network input where there is no image: air in CT, no signal in MR."""


def coarse_input(
    volume: Volume, modality: Modality, spacing_mm: float = CoarseSettings.spacing_mm
) -> tuple[NDArray[np.float32], Grid]:
    """A volume averaged to cubic voxels on an axial, feet-to-head grid, normalised to -1..1.

    Returns the float32 (slice, row, column) array and its grid.
    """
    small = shrink(volume, spacing_mm)
    if modality is Modality.CT:
        low, high = _CT_WINDOW
    else:
        low, high = (float(v) for v in np.percentile(small.array, _MR_PERCENTILES))
    scaled = (small.array.clip(low, high) - low) * (2 / ((high - low) or 1.0)) - 1
    return scaled.astype(np.float32), small.grid


def coarse_segments(segments: Volume, grid: Grid) -> NDArray[np.uint8]:
    """The deep-vein segment that most voxels of `segments` have in each voxel of `grid`, 0 for none.

    A single voxel of vein claims its coarse voxel, so that thin veins survive. `segments` holds encoded
    labels; of two segments with as many voxels the lower value, the cranial one, is taken.
    """
    shape = np.array(grid.shape)
    codes = [np.zeros(0, dtype=np.int64)]
    for index in range(segments.grid.shape[0]):
        plane = np.asarray(segments.array[index])
        rows, columns = np.nonzero(plane != 0)
        labels = plane[rows, columns].astype(np.uint8)
        deep = deep_mask(labels)
        if not deep.any():
            continue
        rows, columns, labels = rows[deep], columns[deep], labels[deep]
        voxels = np.stack([np.full_like(rows, index), rows, columns], axis=1)
        place = np.rint(grid.to_index(segments.grid.to_world(voxels))).astype(np.int64)
        inside = ((place >= 0) & (place < shape)).all(axis=1)
        flat = np.ravel_multi_index(tuple(place[inside].T), grid.shape)
        values = segment_labels(labels)[inside].astype(np.int64)
        codes.append(flat * (SEGMENTS + 1) + values)
    found, counts = np.unique(np.concatenate(codes), return_counts=True)
    where, values = np.divmod(found, SEGMENTS + 1)
    # Written in ascending order of count, so that the most frequent one stays.
    order = np.lexsort((-values, counts))
    out = np.zeros(grid.shape, dtype=np.uint8)
    out.ravel()[where[order]] = values[order]
    return out


def territories(
    segments: NDArray[np.uint8], spacing_mm: float, reach_mm: float
) -> NDArray[np.uint8]:
    """The segment of the nearest deep-vein voxel within `reach_mm` in a cubic grid, else 0.

    segments: (slice, row, column) values as `coarse_segments` gives them. All 0 for no vein at all.
    """
    from scipy.ndimage import distance_transform_edt

    if not segments.any():
        return np.zeros_like(segments)
    distance, nearest = distance_transform_edt(
        segments == 0, sampling=spacing_mm, return_indices=True
    )
    named: NDArray[np.uint8] = segments[tuple(nearest)]
    return np.where(distance <= reach_mm, named, np.uint8(0))
