"""Gaps in the veins that a prediction shows: where one goes on after a stretch that was not seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.veins.centreline import Fronts, Int
from deepvein.veins.naming import are_continuous

GAP_MM = 45.0
"""A vein that is not seen for up to this length goes on."""

ASIDE_MM, ASIDE_SHARE = 5.0, 0.5
"""Across a gap a vein lies no farther aside than this, and than this share of the way up more."""


def bridged(tree: Fronts, names: NDArray[np.uint8], sides: NDArray[np.int8]) -> Int:
    """The parents of all fronts, with upper ends joined to what lies above within GAP_MM.

    Only to a part that reaches higher, of the same side and of a vein in continuation, and not far aside:
    veins run up the leg.
    """
    from scipy.spatial import cKDTree

    parent, points = tree.parent.copy(), tree.points_mm
    ends = np.flatnonzero(parent < 0)
    if not len(ends):
        return parent
    top = np.full(tree.part.max() + 1, -np.inf)
    np.maximum.at(top, tree.part, points[:, 2])
    near = cKDTree(points).query_ball_point(points[ends], GAP_MM)
    for end, others in zip(ends.tolist(), near, strict=True):
        found = np.asarray(others, dtype=np.int64)
        found = found[top[tree.part[found]] > top[tree.part[end]]]
        found = found[sides[found].astype(int) * sides[end] >= 0]
        found = found[[are_continuous(int(names[end]), int(names[one])) for one in found]]
        way = points[found] - points[end]
        aside = np.linalg.norm(way[:, :2], axis=1)
        ahead = (way[:, 2] > 0) & (aside <= ASIDE_MM + ASIDE_SHARE * way[:, 2])
        if ahead.any():
            nearest = np.linalg.norm(way[ahead], axis=1).argmin()
            parent[end] = found[ahead][nearest]
    return parent
