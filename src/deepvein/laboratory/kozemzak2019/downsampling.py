"""Studies at the size that the networks see: made once, some hundred times smaller than the scanner's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.core.sparse import make_sparse
from deepvein.studies.nifti import write_nifti
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

Plane = NDArray[Any]


def reduced_grid(grid: Grid, size: int) -> Grid:
    """The grid with `size` by `size` pixels over the same slices."""
    slices, rows, columns = grid.shape
    step = np.array(grid.spacing_mm) * (1.0, rows / size, columns / size)
    shift = ((step - np.array(grid.spacing_mm)) / 2) @ grid.directions.T
    shape = (slices, size, size)
    return Grid.from_directions(
        shape, step, grid.origin_mm + shift, grid.directions, grid.frame_of_reference
    )


def reduced_image(image: Volume, size: int) -> Volume:
    """(slice, size, size) int16, linear with antialiasing (Section 4.1: 512 to 224)."""

    def of(plane: Plane) -> Plane:
        from deepvein.examples.preprocessing import resize

        small = resize(_tensor(plane), (size, size))[0, 0]
        return np.asarray(np.rint(small.numpy()).astype(np.int16))

    return _each(image, size, np.int16, of)


def reduced_labels(labels: Volume, size: int, *, keep: bool = False) -> Volume:
    """(slice, size, size) uint8 by the nearest pixel.

    keep: a slice that shows a label does so afterwards too: where none is left, the pixel that covers
    most of it is marked, so that a small thrombus does not turn its slice into a negative one.
    """

    def of(plane: Plane) -> Plane:
        rows, columns = ((np.arange(size) * 2 + 1) * n // (2 * size) for n in plane.shape)
        small = np.ascontiguousarray(plane[np.ix_(rows, columns)]).astype(np.uint8)
        if keep and not small.any() and plane.any():
            from deepvein.examples.preprocessing import resize

            cover = resize(_tensor(plane > 0), (size, size))[0, 0].numpy()
            small[np.unravel_index(int(cover.argmax()), cover.shape)] = plane.max()
        return small

    return _each(labels, size, np.uint8, of)


def write_reduced(volume: Volume, path: Path) -> None:
    """Write uncompressed NIfTI; zeros of label maps take no space."""
    write_nifti(volume, path)
    if volume.array.dtype == np.uint8:
        make_sparse(path)


def _each(volume: Volume, size: int, kind: type, of: Callable[[Plane], Plane]) -> Volume:
    slices = volume.grid.shape[0]
    out: Plane = np.empty((slices, size, size), dtype=kind)
    for index in range(slices):
        plane = np.asarray(volume.array[index])
        out[index] = plane if plane.shape == (size, size) else of(plane)
    return Volume(out, reduced_grid(volume.grid, size))


def _tensor(plane: Plane) -> Any:
    import torch

    return torch.from_numpy(np.ascontiguousarray(plane).astype(np.float32))[None, None]
