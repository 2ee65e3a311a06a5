"""The path of the vein through a thrombus, for a picture along it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.veins.tree import VeinTree

Float = NDArray[np.float64]

PATH_STEP_MM = 0.5
"""Distance in z between the points of a path."""

NEAR_MM = 10.0
"""A vein passes what lies this near to its centreline."""

SECTION_MM = 3.0
"""Height of the sections whose centres are the path where no vein is known."""

SMOOTH_MM = 8.0
"""Standard deviation of the smoothing along a path: a picture must not tremble."""


def path_through(tree: VeinTree, points_mm: Float, low_mm: float, high_mm: float) -> Float:
    """(n, 3) LPS points from `high_mm` down to `low_mm`, PATH_STEP_MM apart in z.

    They follow the vein that passes most of (k, 3) points, k at least 1, and what it drains into; where no
    vein passes, the centres of the points' own sections. Beyond the ends of either it goes straight on.
    """
    from scipy.ndimage import gaussian_filter1d

    line = _vein_through(tree, points_mm)
    if line is None:
        line = _sections(points_mm)
    # Where a vein turns back down, the picture shows it once.
    climbing = np.append(True, line[1:, 2] > np.maximum.accumulate(line[:, 2])[:-1])
    z = np.arange(high_mm, low_mm - PATH_STEP_MM / 2, -PATH_STEP_MM)
    across = np.stack([np.interp(z, line[climbing, 2], line[climbing, axis]) for axis in (0, 1)])
    smooth = gaussian_filter1d(across, SMOOTH_MM / PATH_STEP_MM, axis=1, mode="nearest")
    return np.column_stack([*smooth, z])


def _vein_through(tree: VeinTree, points_mm: Float) -> Float | None:
    """The way through the tree that passes most points, the longest of several; None if none passes."""
    from scipy.spatial import cKDTree

    if not tree.courses:
        return None
    owner = np.repeat(np.arange(len(tree.courses)), [len(c.points_mm) for c in tree.courses])
    distance, place = cKDTree(np.concatenate([c.points_mm for c in tree.courses])).query(points_mm)
    passed = np.bincount(owner[place[distance <= NEAR_MM]], minlength=len(tree.courses))
    if not passed.any():
        return None
    lines = [tree.line_mm(number) for number in range(len(tree.courses))]
    best = max(range(len(lines)), key=lambda n: (passed[list(tree.passed(n))].sum(), len(lines[n])))
    return lines[best]


def _sections(points_mm: Float) -> Float:
    """Centres of the points' sections, z ascending."""
    number = np.floor((points_mm[:, 2] - points_mm[:, 2].min()) / SECTION_MM).astype(np.int64)
    count = np.bincount(number)
    sums = np.stack([np.bincount(number, axis) for axis in points_mm.T], axis=1)
    centres: Float = sums[count > 0] / count[count > 0, None]
    return centres
