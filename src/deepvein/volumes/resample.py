"""Moving a volume onto another grid, by SimpleITK."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import GeometryError
from deepvein.volumes.grid import AXIAL, Float, Grid
from deepvein.volumes.volume import Volume

if TYPE_CHECKING:
    import SimpleITK


class Interpolation(Enum):
    """How values between voxels are found."""

    NEAREST = "nearest"
    """For label maps: no new values."""
    LINEAR = "linear"


def resample(
    volume: Volume,
    grid: Grid,
    interpolation: Interpolation = Interpolation.LINEAR,
    outside: float = 0.0,
) -> Volume:
    """`volume` sampled at the voxel centres of `grid`, in its own data type (rounded to whole numbers if
    that holds whole numbers).

    Voxels of `grid` that lie outside `volume` take the value `outside`. Linear sampling onto a coarser
    grid takes point samples: smooth first, or use `shrink`, where aliasing matters.
    """
    import SimpleITK as sitk

    if volume.array.dtype == np.bool_:
        turned = resample(
            Volume(volume.array.view(np.uint8), volume.grid), grid, interpolation, outside
        )
        return Volume(turned.array.astype(bool), grid)
    how = {Interpolation.NEAREST: sitk.sitkNearestNeighbor, Interpolation.LINEAR: sitk.sitkLinear}
    image = _to_sitk(volume)
    size, origin, spacing, direction = _empty_sitk(grid)
    whole = np.issubdtype(volume.array.dtype, np.integer)
    # Left to itself, SimpleITK cuts the fraction off whole numbers.
    rounded = whole and interpolation is Interpolation.LINEAR
    precise = sitk.sitkFloat32 if volume.array.dtype.itemsize <= 2 else sitk.sitkFloat64
    out = sitk.Resample(
        image,
        size,
        sitk.Transform(),
        how[interpolation],
        origin,
        spacing,
        direction,
        outside,
        precise if rounded else image.GetPixelID(),
    )
    array = sitk.GetArrayFromImage(out)
    if rounded:
        array = np.rint(array, out=array).astype(volume.array.dtype)
    return Volume(array, grid)


def nearest_values(volume: Volume, points_mm: Float, beyond: int = 1) -> NDArray[Any]:
    """(n,) values of the voxels nearest to (n, 3) LPS points, in the volume's type; 0 outside.

    beyond: as many voxels past the edge the outermost voxel still counts: a map of whole coarse voxels may
    end a little before the study that it covers.
    """
    index = np.rint(_rows(volume.grid, points_mm)).astype(np.int64)
    last = np.array(volume.grid.shape)[:, None] - 1
    near = ((index >= -beyond) & (index <= last + beyond)).all(axis=0)
    values = np.zeros(index.shape[1], dtype=volume.array.dtype)
    values[near] = volume.array[tuple(index.compress(near, axis=1).clip(0, last))]
    return values


def linear_values(volume: Volume, points_mm: Float, outside: float) -> NDArray[np.float32]:
    """(n,) values at (n, 3) LPS points, linearly interpolated; half a voxel beyond the outermost centres
    these still count, further away `outside` does."""
    from scipy.ndimage import map_coordinates

    index = _rows(volume.grid, points_mm)
    last = np.array(volume.grid.shape)[:, None] - 1
    inside = ((index >= -0.5) & (index <= last + 0.5)).all(axis=0)
    out = np.full(index.shape[1], outside, np.float32)
    kept = index.compress(inside, axis=1).clip(0, last)
    if not kept.size:
        return out
    # Only the box that the points lie in is turned into numbers with a fraction.
    low, high = np.floor(kept.min(axis=1)).astype(int), np.ceil(kept.max(axis=1)).astype(int) + 1
    box = volume.array[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    kept -= low[:, None]
    out[inside] = map_coordinates(box.astype(np.float32), kept, order=1, mode="nearest")
    return out


def _rows(grid: Grid, points_mm: Float) -> Float:
    """(3, n) fractional indices, a row an axis: NumPy takes many times as long for n rows of three."""
    return np.ascontiguousarray(grid.to_index(points_mm).T)


def shrink(volume: Volume, spacing_mm: float) -> Volume:
    """An axial, feet-to-head copy of `volume` with cubic voxels of `spacing_mm`, averaged, as float32.

    The volume is first averaged over whole blocks of voxels that fit into the wanted spacing, slice by
    slice so that memory stays bounded, then sampled linearly. Voxels outside take the volume's minimum.
    """
    factors = [max(1, int(spacing_mm / s)) for s in volume.grid.spacing_mm]
    blocks = block_mean(volume, factors)
    grid = cover(blocks.grid, spacing_mm)
    return resample(blocks, grid, Interpolation.LINEAR, float(blocks.array.min()))


def cover(grid: Grid, spacing_mm: float) -> Grid:
    """The axial, feet-to-head grid with cubic voxels of `spacing_mm` that covers `grid`."""
    low, high = grid.corners_mm.min(axis=0), grid.corners_mm.max(axis=0)
    counts = np.maximum(1, np.ceil((high - low) / spacing_mm - 1e-6)).astype(int)
    origin = (low + high) / 2 - (counts - 1) / 2 * spacing_mm
    shape = (int(counts[2]), int(counts[1]), int(counts[0]))
    return Grid.from_directions(shape, (spacing_mm,) * 3, origin, AXIAL, grid.frame_of_reference)


def block_mean(volume: Volume, factors: Sequence[int]) -> Volume:
    """`volume` averaged over whole blocks of (slice, row, column) voxels, as float32; what fills no block at
    the end of an axis is left out, and an axis shorter than its factor becomes one block."""
    fs, fr, fc = (min(f, n) for f, n in zip(factors, volume.array.shape, strict=True))
    slices, rows, columns = (n // f for n, f in zip(volume.array.shape, (fs, fr, fc), strict=True))
    out = np.zeros((slices, rows, columns), dtype=np.float32)
    # Sums of whole numbers are exact in any order, and whole rows are added much faster than small blocks.
    small = volume.array.dtype.kind in "iub" and volume.array.dtype.itemsize <= 2
    exact = np.int32 if small and fr * fc < 2**15 else np.float32
    for index in range(slices * fs):
        plane = volume.array[index, : rows * fr, : columns * fc]
        if fr * fc > 1:
            lines = plane.reshape(rows, fr, columns * fc).sum(axis=1, dtype=exact)
            blocks = sum((lines[:, n::fc] for n in range(1, fc)), start=lines[:, ::fc])
            plane = blocks.astype(np.float32) / np.float32(fr * fc)
        out[index // fs] += plane
    out /= fs
    affine = volume.grid.affine.copy()
    centre = [((fs - 1) / 2, (fr - 1) / 2, (fc - 1) / 2)]
    affine[:3, 3] = volume.grid.to_world(centre)[0]
    affine[:3, :3] *= np.array([fs, fr, fc])
    return Volume(out, Grid(out.shape, affine, volume.grid.frame_of_reference))


def _to_sitk(volume: Volume) -> SimpleITK.Image:
    import SimpleITK as sitk

    array = np.ascontiguousarray(volume.array)
    if array.dtype == np.float16:
        raise GeometryError("half-precision volumes cannot be resampled; convert to float32 first")
    image = sitk.GetImageFromArray(array)
    _, origin, spacing, direction = _empty_sitk(volume.grid)
    image.SetOrigin(origin)
    image.SetSpacing(spacing)
    image.SetDirection(direction)
    return image


def _empty_sitk(grid: Grid) -> tuple[Any, Any, Any, Any]:
    """Size, origin, spacing and direction in ITK's (column, row, slice) order."""
    turn = grid.directions[:, ::-1]
    # ITK insists on exactly orthonormal directions; the grid allows rounding noise from headers.
    u, _, vt = np.linalg.svd(turn)
    return (
        grid.shape[::-1],
        grid.origin_mm.tolist(),
        grid.spacing_mm[::-1],
        (u @ vt).ravel().tolist(),
    )
