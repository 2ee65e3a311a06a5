"""Which vein segment, and which side's, a place belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import VeinSegment
from deepvein.veins.side import LEFT, RIGHT, Midline
from deepvein.volumes.resample import nearest_values
from deepvein.volumes.volume import Volume

Float = NDArray[np.float64]

CONFLUENCE_MM = 20.0
"""The lowest part of the vena cava, over which its middle is taken for the confluence."""

CHANGE_MM = 15.0
"""Along a vein a name that holds for less than this is an error of the territories, which are known to
about 8 mm."""


@dataclass(frozen=True, eq=False)
class Naming:
    """The one place that tells which vein runs near a point.

    territories: segment values (1 to 13, 0 none; no side) on a coarse grid; midline: of the body.
    """

    territories: Volume
    midline: Midline

    @cached_property
    def confluence_x_mm(self) -> float | None:
        """LPS x at which the common iliac veins meet: the middle of the vena cava's territory over its
        lowest CONFLUENCE_MM; None if the vena cava is not shown."""
        index = np.argwhere(self.territories.array == VeinSegment.INFERIOR_VENA_CAVA)
        if not len(index):
            return None
        points = self.territories.grid.to_world(index)
        lowest = points[:, 2] <= points[:, 2].min() + CONFLUENCE_MM
        return float(points[lowest, 0].mean())

    def segments(self, points_mm: Float) -> NDArray[np.uint8]:
        """(n,) segment values of (n, 3) LPS points; 0 outside or where unnamed."""
        return nearest_values(self.territories, points_mm)

    def sides(self, points_mm: Float, segments: NDArray[np.uint8]) -> NDArray[np.int8]:
        """(n,) of RIGHT, UNSIDED or LEFT for (n, 3) LPS points in veins of (n,) segment values.

        The common iliac veins meet to the right of the midline, so that the left one crosses it: where
        their confluence is known, it tells their sides.
        """
        sides = self.midline.sides(points_mm)
        if self.confluence_x_mm is not None and self.midline.only is None:
            iliac = segments == VeinSegment.COMMON_ILIAC
            sides[iliac] = np.where(points_mm[iliac, 0] > self.confluence_x_mm, LEFT, RIGHT)
        return sides


def are_continuous(one: int, other: int) -> bool:
    """True if blood can pass directly between two segment values; 0 (unnamed) fits any."""
    if one == other or 0 in (one, other):
        return True
    a, b = VeinSegment(one), VeinSegment(other)
    return b in a.drains_into or a in b.drains_into


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
