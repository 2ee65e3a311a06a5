"""Bringing a label map onto an image's grid, or refusing it because it cannot belong to that image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import MaskError
from deepvein.volumes.grid import Grid
from deepvein.volumes.orient import orient
from deepvein.volumes.resample import Interpolation, resample
from deepvein.volumes.volume import Volume

_ELSEWHERE = 1.0
"""Voxels that a map of the image's own shape may be off, as by half a voxel of another convention."""


_OUTSIDE_SHARE = 0.01
"""Of the foreground, that may lie outside the image."""
_SKEW = 2e-3
"""Largest difference of direction cosines of one orientation."""
_ALIGNED = 0.02
"""Share of a voxel within which two grids count as one."""
_SAME_SIZE = 5e-3
"""Share by which voxels of one size may differ."""
_REMARKED = 0.1
"""Voxels off the image's grid from which a map is remarked; less is the rounding of a header."""
_MARGIN_VOXELS = 1.0
"""How far beyond the image's edge a voxel's centre still counts as inside: masks of another resolution stick
out a little."""


def place(labels: Volume, onto: Grid, what: str = "the mask") -> Volume:
    """`labels` (uint8, 0 is background) on the grid `onto`.

    A map whose voxels coincide with the image's is copied, axes swapped and reversed as needed; any
    other is sampled at the nearest voxel. Raises MaskError if it lies in another frame of reference,
    does not touch the image, has its shape but lies elsewhere, or has more than 1 % of its
    foreground outside of it.
    """
    require_same_frame(labels.grid.frame_of_reference, onto, what)
    _require_touching(labels, onto, what)
    turned = orient(labels, onto.directions)
    start = _offset(turned.grid, onto)
    if start is not None:
        if start.any():
            _require_own_place(turned.grid, onto, what)
        array, inside = _paste(turned.array, start, onto)
        foreground = int(np.count_nonzero(labels.array))
        _require_inside(foreground - inside, foreground, what)
        return Volume(array, onto)
    _require_own_place(turned.grid, onto, what)
    return _sample(labels, onto, what)


def grid_remarks(labels: Volume, onto: Grid, what: str) -> tuple[str, ...]:
    """A remark on a map whose voxels are of another size than the image's, or lie beside them by more than a
    tenth of a voxel; else none.

    The latter is so where a program moved the origin by half a voxel, or by a whole one. The map is read where
    its header says; that it was drawn elsewhere, or on other pixels, cannot be told.
    """
    turned = orient(labels, onto.directions).grid
    if not np.allclose(turned.spacing_mm, onto.spacing_mm, rtol=_SAME_SIZE):
        sizes = [" x ".join(f"{mm:.2f}" for mm in grid.spacing_mm) for grid in (turned, onto)]
        return (
            f"{what} has voxels of {sizes[0]} mm, its image of {sizes[1]} mm; each voxel of the image takes "
            "the nearest",
        )
    if np.abs(turned.directions - onto.directions).max() > _SKEW:
        return ()
    start = onto.to_index(turned.to_world(np.zeros((1, 3))))[0]
    off = np.abs(start if turned.shape == onto.shape else start - np.rint(start)).max()
    if off <= _REMARKED:
        return ()
    return (
        f"{what} lies {off:.1f} voxels off the grid of its image and was read where its header says; if it was "
        "drawn on this image its place was lost on the way",
    )


def require_same_frame(uid: str | None, onto: Grid, what: str) -> None:
    """MaskError if frames of reference are known of both and the map's is none of the image's."""
    if uid and onto.frame_of_reference and uid not in frames_of(onto):
        raise MaskError(
            f"{what} lies in frame of reference {uid}, the image in {onto.frame_of_reference}: it was "
            "drawn on another scan"
        )


def frames_of(grid: Grid) -> tuple[str | None, ...]:
    """All frames of reference in which positions on a grid were given."""
    return (grid.frame_of_reference, *grid.further_frames)


def _require_touching(labels: Volume, onto: Grid, what: str) -> None:
    corners = onto.to_index(labels.grid.corners_mm)
    apart = (corners.max(axis=0) < -0.5) | (corners.min(axis=0) > np.array(onto.shape) - 0.5)
    if apart.any():
        raise MaskError(f"{what} does not touch the image: it lies elsewhere in space")


def _require_own_place(grid: Grid, onto: Grid, what: str) -> None:
    """MaskError for a map of the image's shape that lies elsewhere: its place was lost, or it is another's."""
    if grid.shape != onto.shape:
        return
    off = float(np.abs(onto.to_index(grid.corners_mm) - onto.to_index(onto.corners_mm)).max())
    if off > _ELSEWHERE:
        raise MaskError(
            f"{what} has the image's shape {onto.shape} but lies up to {off:.1f} voxels off: its place was "
            "lost, or it belongs to another image"
        )


def _offset(grid: Grid, onto: Grid) -> NDArray[np.int64] | None:
    """Where the map's voxel (0, 0, 0) lies in the image if all voxels coincide, else None."""
    ends = onto.to_index(grid.to_world(np.array([(0, 0, 0), grid.shape]) - [[0], [1]]))
    start = np.rint(ends[0])
    span = np.array(grid.shape) - 1
    skew = np.abs(grid.directions - onto.directions).max()
    if skew > _SKEW or np.abs(ends - [start, start + span]).max() > _ALIGNED:
        return None
    whole: NDArray[np.int64] = start.astype(np.int64)
    return whole


def _paste(
    array: NDArray[np.uint8], start: NDArray[np.int64], onto: Grid
) -> tuple[NDArray[np.uint8], int]:
    """The map on the image's grid, and how much of its foreground lies inside."""
    if not start.any() and array.shape == onto.shape:
        whole = np.ascontiguousarray(array)
        return whole, int(np.count_nonzero(whole))
    out = np.zeros(onto.shape, dtype=np.uint8)
    low = np.maximum(start, 0)
    high = np.minimum(start + array.shape, onto.shape)
    if (high <= low).any():
        return out, 0
    target = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    source = tuple(slice(int(a - s), int(b - s)) for a, b, s in zip(low, high, start, strict=True))
    out[target] = array[source]
    return out, int(np.count_nonzero(out[target]))


def _sample(labels: Volume, onto: Grid, what: str) -> Volume:
    foreground = np.argwhere(labels.array)
    index = onto.to_index(labels.grid.to_world(foreground))
    edge = 0.5 + _MARGIN_VOXELS
    inside = ((index > -edge) & (index < np.array(onto.shape) - 1 + edge)).all(axis=1)
    _require_inside(int(np.count_nonzero(~inside)), len(foreground), what)
    sampled = resample(labels, onto, Interpolation.NEAREST)
    if len(foreground) and not sampled.array.any():
        raise MaskError(f"{what} vanishes on the image's grid: its voxels are far smaller")
    return sampled


def _require_inside(outside: int, foreground: int, what: str) -> None:
    if outside > _OUTSIDE_SHARE * foreground:
        raise MaskError(
            f"{what} has {outside} of {foreground} marked voxels outside the image; it belongs to another "
            "image"
        )
