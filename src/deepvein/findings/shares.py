"""Which vein segments a thrombus lies in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Level, VeinSegment
from deepvein.volumes.grid import Grid

MINOR_SHARE = 0.05
"""Shares of a thrombus's volume below this are not named: territories are known to about 5 mm only."""


@dataclass(frozen=True)
class SegmentShare:
    """How much of a thrombus lies in one vein segment."""

    segment: VeinSegment
    volume_ml: float
    extent_mm: float


def shares(
    segments: NDArray[np.uint8], points_mm: NDArray[np.float64], grid: Grid
) -> tuple[SegmentShare, ...]:
    """The segments that hold at least MINOR_SHARE of the named voxels, largest volume first.

    segments, points_mm: (n,) segment values and (n, 3) LPS centres of voxels of `grid`. Unnamed voxels
    are left out; () if none is named.
    """
    counts = np.bincount(segments, minlength=1)
    counts[0] = 0
    named = counts.sum()
    found = []
    for value in np.flatnonzero(counts >= max(1.0, MINOR_SHARE * named)):
        start, end = reach_mm(points_mm[segments == value], grid)
        volume_ml = float(counts[value]) * grid.voxel_volume_ml
        found.append(SegmentShare(VeinSegment(int(value)), volume_ml, end - start))
    return tuple(sorted(found, key=lambda share: (-share.volume_ml, share.segment)))


def level(named: tuple[SegmentShare, ...]) -> Level:
    """DISTAL only if every named share lies in the calf; a thrombus that no vein names is PROXIMAL, the
    reading that asks for a second look."""
    if named and all(share.segment.level is Level.DISTAL for share in named):
        return Level.DISTAL
    return Level.PROXIMAL


def reach_mm(points_mm: NDArray[np.float64], grid: Grid) -> tuple[float, float]:
    """Lowest and highest LPS z that voxels of `grid` centred at (n, 3) points reach, n at least 1."""
    half = float(np.abs(grid.affine[2, :3]).sum()) / 2
    return float(points_mm[:, 2].min()) - half, float(points_mm[:, 2].max()) + half
