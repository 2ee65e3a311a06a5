"""The way of the blood through one vein and those that it drains into, as the second reader needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side
from deepvein.core.errors import GeometryError

STEP_MM = 3.0
"""Sections lie at LPS z = STEP_MM * level, so that both legs' are at the same heights."""


@dataclass(frozen=True, eq=False)
class Way:
    """One way from below, a section every STEP_MM along the body; it may pass through several segments.

    levels: (n,) consecutive whole numbers, LPS z in mm over STEP_MM; n is at least 1. centres_mm: (n, 2)
    LPS x and y. seen: (n,) False where the vein was not seen and its middle is a guess between or beyond
    what was. segments: (n,) values of the vein's segments, 0 unnamed.
    """

    side: Side
    levels: NDArray[np.int64]
    centres_mm: NDArray[np.float64]
    seen: NDArray[np.bool_]
    segments: NDArray[np.uint8]

    def __post_init__(self) -> None:
        n = len(self.levels)
        if n < 1 or (np.diff(self.levels) != 1).any():
            raise GeometryError("the levels of a way must be consecutive, at least one")
        if self.centres_mm.shape != (n, 2) or len(self.seen) != n or len(self.segments) != n:
            raise GeometryError(
                f"a way of {n} levels has centres of shape {self.centres_mm.shape}, "
                f"{len(self.seen)} marks and {len(self.segments)} segments"
            )

    def __len__(self) -> int:
        return len(self.levels)

    @property
    def points_mm(self) -> NDArray[np.float64]:
        """(n, 3) LPS."""
        return np.column_stack([self.centres_mm, self.levels * STEP_MM])


def alike(one: Way, other: Way) -> int:
    """At how many heights both show the same vein: how well the one can be compared with the other."""
    low = max(one.levels[0], other.levels[0])
    high = min(one.levels[-1], other.levels[-1]) + 1
    if high <= low:
        return 0
    a = one.segments[low - one.levels[0] : high - one.levels[0]]
    b = other.segments[low - other.levels[0] : high - other.levels[0]]
    return int((a == b).sum())


def mates(ways: Sequence[Way]) -> tuple[int | None, ...]:
    """For each way the number of the other leg's that shows most of the same vein; None for none."""
    found: list[int | None] = []
    opposite = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}
    for way in ways:
        facing = [
            (alike(way, other), -k)
            for k, other in enumerate(ways)
            if other.side is opposite.get(way.side)
        ]
        best = max(facing, default=(0, 0))
        found.append(-best[1] if best[0] > 0 else None)
    return tuple(found)
