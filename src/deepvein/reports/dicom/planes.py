"""A label map of the study's grid seen through the frames of a source series."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepvein.studies.source import SourceFrame
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume
from deepvein.volumes.zeros import sparse_zeros

_NOISE = 1e-9
"""Voxels a pixel that are rounding noise of perpendicular axes."""


def planes(
    values: Volume, frames: Sequence[SourceFrame], table: NDArray[np.uint8] | None = None
) -> tuple[tuple[int, ...], NDArray[np.uint8]]:
    """The frames from the first to the last that shows a label, and the label images of all frames.

    values: uint8. table: (256,) the label of each value, that of 0 being 0; None where values are labels.

    Returns the (n,) ascending indices in `frames`, and (frames, rows, columns) labels, each pixel taking
    the label of the voxel that holds its centre. All frames have the same number of rows and columns; of
    frames in the same place only the first counts. Memory is used only where labels are: pages of the
    array that are never written stay unallocated.
    """
    rows, columns = frames[0].grid.shape[1:] if frames else (0, 0)
    images = sparse_zeros((len(frames), rows, columns))
    table = np.arange(256, dtype=np.uint8) if table is None else table
    box = _bounding_box(values.array, table)
    if box is None:
        return (), images
    firsts = {_place_of(frame): index for index, frame in reversed(list(enumerate(frames)))}
    places = sorted(firsts.values())
    marked = [
        index for index in places if _draw(values, table, box, frames[index].grid, images[index])
    ]
    if not marked:
        return (), images
    return tuple(index for index in places if marked[0] <= index <= marked[-1]), images


def labels_in(image: NDArray[np.uint8]) -> list[int]:
    """The labels above 0 that an image shows, ascending."""
    seen = np.zeros(256, dtype=np.bool_)
    seen[image[image > 0]] = True
    found: list[int] = np.flatnonzero(seen).tolist()
    return found


def _place_of(frame: SourceFrame) -> tuple[float, ...]:
    """Equal for frames that lie in the same place, to a tenth of a micrometre."""
    rounded: list[float] = np.round(frame.grid.affine, 4).ravel().tolist()
    return tuple(rounded)


Box = tuple[NDArray[np.int64], NDArray[np.int64]]


def _bounding_box(values: NDArray[np.uint8], table: NDArray[np.uint8]) -> Box | None:
    """First and last index along each axis that has a label, slice by slice so that memory stays bounded."""
    low = np.array(values.shape)
    high = np.full(3, -1)
    for index, plane in enumerate(values):
        rows = np.flatnonzero(plane.any(axis=1))
        if not len(rows):
            continue
        labels = table[plane[rows[0] : rows[-1] + 1]]
        rows = rows[0] + np.flatnonzero(labels.any(axis=1))
        if len(rows):
            columns = np.flatnonzero(labels.any(axis=0))
            low = np.minimum(low, (index, rows[0], columns[0]))
            high = np.maximum(high, (index, rows[-1], columns[-1]))
    return (low, high) if (high >= 0).all() else None


def _draw(
    values: Volume, table: NDArray[np.uint8], box: Box, frame: Grid, image: NDArray[np.uint8]
) -> bool:
    """Write the frame's labels into its (empty) image; False if it shows none."""
    low, high = box
    corners = np.array([np.where(bits, high + 0.5, low - 0.5) for bits in np.ndindex(2, 2, 2)])
    inside = frame.to_index(values.grid.to_world(corners))
    thickness = values.grid.spacing_mm[0]
    # A plane that passes the box by more than a slice cannot cut it.
    if inside[:, 0].min() > thickness or inside[:, 0].max() < -thickness:
        return False
    first = np.clip(np.floor(inside.min(axis=0)).astype(int), 0, None)[1:]
    last = np.minimum(np.ceil(inside.max(axis=0)).astype(int)[1:] + 1, frame.shape[1:])
    if (first >= last).any():
        return False
    window = table[_sample(values, frame, first, last)]
    if not window.any():
        return False
    image[first[0] : last[0], first[1] : last[1]] = window
    return True


def _sample(
    values: Volume, frame: Grid, first: NDArray[np.int64], last: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Nearest values at the frame's pixel centres from `first` to before `last` (row, column)."""
    step = values.grid.to_index(frame.to_world([(0, 0, 0), (0, 1, 0), (0, 0, 1)]))
    origin, along_rows, along_columns = step[0], step[1] - step[0], step[2] - step[0]
    rows = np.arange(first[0], last[0])[:, None]
    columns = np.arange(first[1], last[1])[None, :]
    index, valid = [], np.ones((1, 1), dtype=bool)
    for axis, count in enumerate(values.array.shape):
        # Where both grids run alike an index depends on the row or the column alone.
        row_step, column_step = (
            step if abs(step) > _NOISE else 0.0 for step in (along_rows[axis], along_columns[axis])
        )
        place = origin[axis] + (rows if row_step else rows[:1]) * row_step
        place = place + (columns if column_step else columns[:, :1]) * column_step
        # A pixel on the border between two voxels goes to the higher index, whatever the rounding noise.
        nearest = np.floor(place + 0.5 + 1e-4).astype(np.int64)
        valid = valid & (nearest >= 0) & (nearest < count)
        index.append(nearest.clip(0, count - 1))
    found: NDArray[np.uint8]
    if [place.size for place in index] == [1, len(rows), columns.shape[1]]:
        found = values.array[index[0].item()][index[1].ravel()][:, index[2].ravel()]
    else:
        found = values.array[index[0], index[1], index[2]]
    return found if valid.all() else np.where(valid, found, np.uint8(0))
