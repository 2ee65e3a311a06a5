"""Which vein segments a thrombus lies in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Level, VeinSegment
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

MINOR_SHARE = 0.05
"""Shares of a thrombus's volume below this are not named: territories are known to about 5 mm only."""

CONFLUENCE_MM = 20.0

CHANGE_MM = 15.0
"""Along a vein a name that holds for less than this is an error of the territories, which are known to
about 8 mm."""


@dataclass(frozen=True)
class SegmentShare:
    """How much of a thrombus lies in one vein segment."""

    segment: VeinSegment
    volume_ml: float
    extent_mm: float


def are_continuous(one: int, other: int) -> bool:
    """True if a thrombus can pass directly between two segment values; 0 (unnamed) fits any."""
    if one == other or 0 in (one, other):
        return True
    a, b = VeinSegment(one), VeinSegment(other)
    return b in a.drains_into or a in b.drains_into


def nearest_segments(points_mm: NDArray[np.float64], territories: Volume) -> NDArray[np.uint8]:
    """(n,) segment values of (n, 3) LPS points by nearest neighbour; 0 outside or where unnamed.

    Up to one coarse voxel beyond the map the nearest one still counts: a map of whole coarse voxels may
    end a little before the study does.
    """
    index = np.rint(territories.grid.to_index(points_mm)).astype(np.int64)
    last = np.array(territories.grid.shape) - 1
    near = ((index >= -1) & (index <= last + 1)).all(axis=1)
    named = np.zeros(len(points_mm), dtype=np.uint8)
    named[near] = territories.array[tuple(np.clip(index[near], 0, last).T)]
    return named


def names_along(names: NDArray[np.uint8], length_mm: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The segment values along one vein, from below upwards, in an order in which the veins can follow.

    names: (n,) what the territories say, 0 where nothing; length_mm: (n,) of each place. Of all sequences
    in which every name drains into the next, perhaps by way of others, the one that contradicts the
    territories over the shortest length, where each change counts as CHANGE_MM (Viterbi 1967, IEEE Trans
    Inf Theory 13:260). All 0 if nothing is named.
    """
    if not names.any():
        return names.copy()
    change = np.where(_DOWNSTREAM, CHANGE_MM, np.inf)
    np.fill_diagonal(change, 0.0)
    cost = np.zeros(len(_DEEP))
    came = np.zeros((len(names), len(_DEEP)), dtype=np.int64)
    for place, (name, length) in enumerate(zip(names.tolist(), length_mm.tolist(), strict=True)):
        ways = cost[:, None] + change
        came[place] = ways.argmin(axis=0)
        cost = ways.min(axis=0) + np.where((name == 0) | (name == _DEEP), 0.0, length)
    best = np.zeros(len(names), dtype=np.int64)
    best[-1] = cost.argmin()
    for place in range(len(names) - 1, 0, -1):
        best[place - 1] = came[place, best[place]]
    return _DEEP[best]


def _downstream(segment: VeinSegment) -> set[VeinSegment]:
    """All veins that its blood can pass on the way to the heart."""
    return {far for near in segment.drains_into for far in (near, *_downstream(near))}


_DEEP = np.array([segment for segment in VeinSegment if segment.is_deep], dtype=np.uint8)
_DOWNSTREAM = np.array(
    [
        [VeinSegment(b) in _downstream(VeinSegment(a)) for b in _DEEP.tolist()]
        for a in _DEEP.tolist()
    ]
)


def confluence_x_mm(territories: Volume) -> float | None:
    """LPS x at which the common iliac veins meet: the middle of the vena cava's territory over its lowest
    CONFLUENCE_MM; None if the vena cava is not shown."""
    index = np.argwhere(territories.array == VeinSegment.INFERIOR_VENA_CAVA)
    if not len(index):
        return None
    points = territories.grid.to_world(index)
    lowest = points[:, 2] <= points[:, 2].min() + CONFLUENCE_MM
    return float(points[lowest, 0].mean())


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
