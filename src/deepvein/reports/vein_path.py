"""The course of the vein through a thrombus and a little beyond, for a picture along it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.drawing.views import axial, sample
from deepvein.findings.finding import Finding
from deepvein.volumes.grid import Float, Grid
from deepvein.volumes.volume import Volume

STEP_MM = 3.0
REACH_MM = 10.0
"""The vein's next section is looked for within this distance of the one before."""
SMOOTH_MM = 8.0


def vein_path(
    finding: Finding, grid: Grid, vein_probability: Volume, beyond_mm: float, longest_mm: float
) -> tuple[Float, float]:
    """LPS points (n, 3) from head to feet, and their distance in z in mm.

    Follows the centre of the thrombus, continues along the vein for `beyond_mm` at both ends where the
    vein can be seen, straight on where it cannot, and is cut to `longest_mm` around the key point.
    """
    from scipy.ndimage import gaussian_filter1d

    centres = _sections(grid.to_world(finding.indices))
    points = np.concatenate(
        [
            _follow(centres[0], -1, beyond_mm, vein_probability)[::-1],
            centres,
            _follow(centres[-1], 1, beyond_mm, vein_probability),
        ]
    )
    low, high = points[:, 2].min(), points[:, 2].max()
    key = finding.key_point_mm[2]
    if high - low > longest_mm:
        low = min(max(low, key - longest_mm / 2), high - longest_mm)
        high = low + longest_mm
    step = 0.5
    z = np.arange(high, low - step / 2, -step)
    path = np.stack(
        [np.interp(z, points[:, 2], points[:, 0]), np.interp(z, points[:, 2], points[:, 1]), z],
        axis=1,
    )
    path[:, :2] = gaussian_filter1d(path[:, :2], SMOOTH_MM / step, axis=0, mode="nearest")
    return path, step


def _sections(world: Float) -> Float:
    """Centres of the thrombus's sections, z ascending."""
    number = np.floor((world[:, 2] - world[:, 2].min()) / STEP_MM).astype(np.int64)
    count = np.bincount(number)
    sums = np.stack([np.bincount(number, weights=world[:, axis]) for axis in range(3)], axis=1)
    centres: Float = sums[count > 0] / count[count > 0, None]
    return centres


def _follow(start: Float, sign: int, length_mm: float, veins: Volume) -> Float:
    """Centres of the vein's next sections away from `start`, upwards for sign 1."""
    points: list[NDArray[np.float64]] = []
    here = start
    for number in range(1, int(length_mm / STEP_MM) + 1):
        here = np.array([here[0], here[1], start[2] + sign * number * STEP_MM])
        view = axial(here, 2 * REACH_MM, 2 * REACH_MM, 1.0)
        weight = sample(veins, view)
        offset = np.hypot(*(view.points_mm[..., axis] - here[axis] for axis in (0, 1)))
        weight = np.where((weight >= 128) & (offset <= REACH_MM), weight, 0.0)
        if weight.sum() > 0:
            middle = (view.points_mm * weight[..., None]).sum(axis=(0, 1)) / weight.sum()
            here = np.array([middle[0], middle[1], here[2]])
        points.append(here)
    return np.array(points).reshape(-1, 3)
