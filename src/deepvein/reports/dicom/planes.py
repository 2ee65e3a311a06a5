"""A label map of the study's grid seen through the frames of a source series."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepvein.studies.source import SourceFrame
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume


def planes(
    labels: Volume, frames: Sequence[SourceFrame]
) -> tuple[tuple[int, ...], NDArray[np.uint8]]:
    """The frames from the first to the last that shows a label, and the label images of all frames.

    Returns the (n,) ascending indices in `frames`, and (frames, rows, columns) labels, each pixel taking
    the label of the voxel that holds its centre. All frames have the same number of rows and columns; of
    frames in the same place only the first counts. Memory is used only where labels are: pages of the
    array that are never written stay unallocated.
    """
    rows, columns = frames[0].grid.shape[1:] if frames else (0, 0)
    images: NDArray[np.uint8] = np.zeros((len(frames), rows, columns), dtype=np.uint8)
    box = _bounding_box(labels.array)
    if box is None:
        return (), images
    firsts = {_place_of(frame): index for index, frame in reversed(list(enumerate(frames)))}
    places = sorted(firsts.values())
    marked = [index for index in places if _draw(labels, box, frames[index].grid, images[index])]
    if not marked:
        return (), images
    return tuple(index for index in places if marked[0] <= index <= marked[-1]), images


def _place_of(frame: SourceFrame) -> tuple[float, ...]:
    """Equal for frames that lie in the same place, to a tenth of a micrometre."""
    rounded: list[float] = np.round(frame.grid.affine, 4).ravel().tolist()
    return tuple(rounded)


Box = tuple[NDArray[np.int64], NDArray[np.int64]]


def _bounding_box(labels: NDArray[np.uint8]) -> Box | None:
    """First and last set index along each axis, slice by slice so that memory stays bounded."""
    low = np.array(labels.shape)
    high = np.full(3, -1)
    for index, plane in enumerate(labels):
        rows = np.flatnonzero(plane.any(axis=1))
        if len(rows):
            columns = np.flatnonzero(plane.any(axis=0))
            low = np.minimum(low, (index, rows[0], columns[0]))
            high = np.maximum(high, (index, rows[-1], columns[-1]))
    return (low, high) if (high >= 0).all() else None


def _draw(labels: Volume, box: Box, frame: Grid, image: NDArray[np.uint8]) -> bool:
    """Write the frame's labels into its (empty) image; False if it shows none."""
    low, high = box
    corners = np.array([np.where(bits, high + 0.5, low - 0.5) for bits in np.ndindex(2, 2, 2)])
    inside = frame.to_index(labels.grid.to_world(corners))
    thickness = labels.grid.spacing_mm[0]
    # A plane that passes the box by more than a slice cannot cut it.
    if inside[:, 0].min() > thickness or inside[:, 0].max() < -thickness:
        return False
    first = np.clip(np.floor(inside.min(axis=0)).astype(int), 0, None)[1:]
    last = np.minimum(np.ceil(inside.max(axis=0)).astype(int)[1:] + 1, frame.shape[1:])
    if (first >= last).any():
        return False
    window = _sample(labels, frame, first, last)
    if not window.any():
        return False
    image[first[0] : last[0], first[1] : last[1]] = window
    return True


def _sample(
    labels: Volume, frame: Grid, first: NDArray[np.int64], last: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Nearest labels at the frame's pixel centres from `first` to before `last` (row, column)."""
    step = labels.grid.to_index(frame.to_world([(0, 0, 0), (0, 1, 0), (0, 0, 1)]))
    origin, along_rows, along_columns = step[0], step[1] - step[0], step[2] - step[0]
    rows = np.arange(first[0], last[0])[:, None]
    columns = np.arange(first[1], last[1])[None, :]
    # A pixel on the border between two voxels goes to the higher index, whatever the rounding noise.
    index = [
        np.floor(origin[a] + rows * along_rows[a] + columns * along_columns[a] + 0.5 + 1e-4).astype(
            np.int64
        )
        for a in range(3)
    ]
    valid = np.ones(np.broadcast_shapes(rows.shape, columns.shape), dtype=bool)
    for axis, count in enumerate(labels.array.shape):
        valid &= (index[axis] >= 0) & (index[axis] < count)
        index[axis] = np.clip(index[axis], 0, count - 1)
    found: NDArray[np.uint8] = labels.array[index[0], index[1], index[2]]
    return np.where(valid, found, np.uint8(0))
