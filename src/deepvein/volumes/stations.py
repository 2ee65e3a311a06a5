"""Joining stations, stacks of slices that show one body part by part, into one volume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import GeometryError
from deepvein.volumes.grid import Grid
from deepvein.volumes.resample import Interpolation, resample
from deepvein.volumes.volume import Volume

_ALIGNED = 0.02
"""Share of a voxel within which two grids count as one."""


_TURN = 0.02
"""Largest difference of a direction cosine between stations."""
_SPACING_SHARE = 0.25
"""Stations may differ by so much in voxel size."""
_GAP_VOXELS = 1.1
"""Distance along the body, between the voxels of neighbours, above which something is missing."""
_ASIDE_SHARE = 0.5
"""Sideways offset of neighbours as a share of the smaller one's width."""
_REPEAT_SHARE = 0.6
"""Overlap, as a share of the shorter one, above which two stations are repeats."""
_SAME_SHARE = 0.9
"""Shared extent along the body, as a share of the longer one's, from which two show the same stretch of it."""
_SIGNAL_SHARE, _FEWEST_VOXELS = 0.2, 200
"""So many voxels above this share of the 99th percentile in both stations give the gain."""


@dataclass(frozen=True, eq=False)
class Merged:
    """volume: the union of the stations; order: their places in the input from head to feet; gains: what
    each of these was multiplied with (the first is 1); overlaps_mm: between neighbours along the body
    (0 where they only touch); resampled: some station did not lie on the common grid."""

    volume: Volume
    order: tuple[int, ...]
    gains: tuple[float, ...]
    overlaps_mm: tuple[float, ...]
    resampled: bool


def require_stacked(grids: Sequence[Grid], beside: bool = False) -> None:
    """GeometryError unless `grids` are stations: same orientation and spacing, neighbours that touch or
    overlap along the body, none twice, none beside the other. One grid always passes, and with `beside` two
    that show the same stretch of the body side by side, as one leg each."""
    first = grids[0]
    for index, grid in enumerate(grids[1:], start=2):
        if np.abs(grid.directions - first.directions).max() > _TURN:
            raise GeometryError(
                f"station {index} is turned against station 1; they cannot be joined"
            )
        if not np.allclose(grid.spacing_mm, first.spacing_mm, rtol=_SPACING_SHARE):
            raise GeometryError(
                f"station {index} has voxels of {_mm(grid)} mm, station 1 of {_mm(first)} mm; stations "
                "with one voxel size can be joined"
            )
    ordered = [grids[index] for index in head_to_feet(grids)]
    if beside and len(ordered) == 2 and are_beside(*ordered):
        return
    for number, (upper, lower) in enumerate(pairwise(ordered), start=1):
        _require_neighbours(upper, lower, number)


def are_beside(one: Grid, other: Grid) -> bool:
    """True for two grids that show the same stretch of the body side by side."""
    (low, high), (other_low, other_high) = _heights(one), _heights(other)
    shared = min(high, other_high) - max(low, other_low)
    if shared < _SAME_SHARE * max(high - low, other_high - other_low):
        return False
    aside = np.abs(_centre(one) - _centre(other))[0]
    width = min(np.ptp(grid.corners_mm[:, 0]) for grid in (one, other))
    return bool(aside > _ASIDE_SHARE * width)


def head_to_feet(grids: Sequence[Grid]) -> tuple[int, ...]:
    """The order of stations by the height of their centres."""
    return tuple(sorted(range(len(grids)), key=lambda index: -_centre(grids[index])[2]))


def merge(
    volumes: Sequence[Volume],
    gains: Sequence[float] | None = None,
    outside: float = 0.0,
    beside: bool = False,
) -> Merged:
    """Join stations, in any order, into one volume on the grid of the one nearest to the head.

    gains: what each volume, as given, is multiplied with where that is known. Otherwise neighbours' signal
    is brought together by the median ratio of voxels that both show. Then they are blended with weights
    that fall linearly towards each station's edge. Stations that lie on one grid are not resampled.
    Voxels that no station shows are `outside`; where that is not 0, no station shows a voxel of this value (CT
    pads corners with it). int16 stays int16, anything else becomes float32.
    Raises GeometryError (see `require_stacked`, also for `beside`).
    """
    require_stacked([volume.grid for volume in volumes], beside)
    order = head_to_feet([volume.grid for volume in volumes])
    ordered = [volumes[index] for index in order]
    union = _union([volume.grid for volume in ordered])
    placed = [_place(volume, union) for volume in ordered]
    axis = union.body_axis
    factors = [1.0]
    overlaps = []
    for upper, lower in pairwise(placed):
        if gains is None:
            factors.append(factors[-1] * _gain(upper, lower))
        low, high = _common(upper, lower)
        overlaps.append(max(0, int((high - low)[axis])) * union.spacing_mm[axis])
    if gains is not None:
        factors = [gains[index] for index in order]
    whole = all(volume.array.dtype == np.int16 for volume in ordered)
    array = _blend(placed, factors, union, np.dtype(np.int16 if whole else np.float32), outside)
    return Merged(
        Volume(array, union),
        order,
        tuple(factors),
        tuple(overlaps),
        any(part.resampled for part in placed),
    )


@dataclass(frozen=True, eq=False)
class _Placed:
    """A station whose voxel (0, 0, 0) is voxel `start` of the union."""

    array: NDArray[np.generic]
    start: NDArray[np.int64]
    resampled: bool

    @property
    def stop(self) -> NDArray[np.int64]:
        return self.start + np.array(self.array.shape, dtype=np.int64)


def _union(grids: Sequence[Grid]) -> Grid:
    first = grids[0]
    low, high = np.zeros(3), np.array(first.shape, dtype=np.float64) - 1
    for grid in grids[1:]:
        ends = np.array([[0, 0, 0], np.array(grid.shape) - 1])
        index = first.to_index(grid.to_world(ends))
        low, high = np.minimum(low, index.min(axis=0)), np.maximum(high, index.max(axis=0))
    start = np.ceil(low - _ALIGNED).astype(int)
    stop = np.floor(high + _ALIGNED).astype(int) + 1
    return first.crop((start[0], start[1], start[2]), (stop[0], stop[1], stop[2]))


def _place(volume: Volume, union: Grid) -> _Placed:
    ends = np.array([[0, 0, 0], np.array(volume.grid.shape) - 1])
    index = union.to_index(volume.grid.to_world(ends))
    start = np.rint(index[0]).astype(np.int64)
    span = np.array(volume.grid.shape) - 1
    if np.abs(index[0] - start).max() <= _ALIGNED and np.abs(index[1] - start - span).max() <= 0.1:
        return _Placed(volume.array, start, resampled=False)
    low = np.maximum(0, np.ceil(index.min(axis=0) - _ALIGNED)).astype(np.int64)
    high = np.minimum(union.shape, np.floor(index.max(axis=0) + _ALIGNED).astype(np.int64) + 1)
    target = union.crop((low[0], low[1], low[2]), (high[0], high[1], high[2]))
    return _Placed(resample(volume, target, Interpolation.LINEAR).array, low, resampled=True)


def _common(one: _Placed, other: _Placed) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return np.maximum(one.start, other.start), np.minimum(one.stop, other.stop)


def _part(placed: _Placed, low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.generic]:
    a, b = low - placed.start, high - placed.start
    return placed.array[a[0] : b[0], a[1] : b[1], a[2] : b[2]]


def _gain(upper: _Placed, lower: _Placed) -> float:
    """What the lower station has to be multiplied with to look like the upper one."""
    low, high = _common(upper, lower)
    if (high <= low).any():
        return 1.0
    a = _part(upper, low, high).astype(np.float32).ravel()
    b = _part(lower, low, high).astype(np.float32).ravel()
    bright = a > _SIGNAL_SHARE * np.percentile(a, 99)
    bright &= b > _SIGNAL_SHARE * np.percentile(b, 99)
    bright &= (a > 0) & (b > 0)
    if np.count_nonzero(bright) < _FEWEST_VOXELS:
        return 1.0
    # A plain median of ratios, without logarithms: the same to the last bit on every machine.
    return float(np.median(a[bright] / b[bright]))


def _blend(
    placed: Sequence[_Placed],
    gains: Sequence[float],
    union: Grid,
    dtype: np.dtype[np.generic],
    outside: float,
) -> NDArray[np.generic]:
    axis = union.body_axis
    out = np.zeros(union.shape, dtype=dtype)
    planes = np.moveaxis(out, axis, 0)
    moved = [np.moveaxis(part.array, axis, 0) for part in placed]
    rest = [other for other in range(3) if other != axis]
    for index in range(union.shape[axis]):
        inside = [
            (part, array, gain)
            for part, array, gain in zip(placed, moved, gains, strict=True)
            if part.start[axis] <= index < part.stop[axis]
        ]
        total = np.zeros(planes.shape[1:], dtype=np.float32)
        weights = np.zeros(planes.shape[1:], dtype=np.float32)
        for part, array, gain in inside:
            depth = min(index - part.start[axis], part.stop[axis] - 1 - index) + 1
            window = tuple(slice(part.start[other], part.stop[other]) for other in rest)
            plane = array[index - part.start[axis]].astype(np.float32)
            shown = plane != outside if outside else True
            total[window] += plane * np.float32(depth * gain) * shown
            weights[window] += np.float32(depth) * shown
        np.divide(total, weights, out=total, where=weights > 0)
        total[weights == 0] = outside
        if np.issubdtype(dtype, np.integer):
            limits = np.iinfo(np.int16)
            total = np.clip(np.rint(total), limits.min, limits.max)
        planes[index] = total
    return out


def _require_neighbours(upper: Grid, lower: Grid, number: int) -> None:
    names = f"stations {number} and {number + 1} (from the head)"
    (low, high), (other_low, other_high) = _heights(upper), _heights(lower)
    gap = low - other_high
    voxel = upper.spacing_mm[upper.body_axis]
    if gap > _GAP_VOXELS * voxel - voxel + 0.5:
        raise GeometryError(
            f"{gap:.0f} mm of the body are missing between {names}; export all stations of one pass"
        )
    shortest = min(high - low, other_high - other_low)
    if -gap > _REPEAT_SHARE * shortest:
        raise GeometryError(
            f"{names} show the same {-gap:.0f} mm of the body: their positions contradict a stack of "
            "stations"
        )
    aside = np.abs(_centre(upper) - _centre(lower))[:2]
    width = np.minimum(np.ptp(upper.corners_mm, axis=0), np.ptp(lower.corners_mm, axis=0))[:2]
    if (aside > _ASIDE_SHARE * width).any():
        raise GeometryError(
            f"{names} lie {aside.max():.0f} mm beside each other; they cannot be one body"
        )


def _heights(grid: Grid) -> tuple[float, float]:
    heights = grid.corners_mm[:, 2]
    return float(heights.min()), float(heights.max())


def _centre(grid: Grid) -> NDArray[np.float64]:
    centre: NDArray[np.float64] = grid.corners_mm.mean(axis=0)
    return centre


def _mm(grid: Grid) -> str:
    return " x ".join(f"{value:.2f}" for value in grid.spacing_mm)
