"""Where an image can lie and how large its voxels can be, whatever the format; beyond it is damaged.

The bounds are wide: pixels of scanners measure 0.1 to 5 mm, tables move two or three metres.
"""

from __future__ import annotations

import numpy as np

from deepvein.core.errors import GeometryError
from deepvein.volumes.grid import Grid

SPACING_MM = (0.01, 50.0)
"""Least and greatest distance between voxels."""

POSITION_MM = 10_000.0
"""How far from the origin an image may lie."""


def plausible(grid: Grid, what: str) -> Grid:
    """`grid` itself; raises GeometryError, which begins with `what`, where no body can be shown by it."""
    low, high = SPACING_MM
    if not all(low <= mm <= high for mm in grid.spacing_mm):
        sizes = " x ".join(f"{mm:.4g}" for mm in grid.spacing_mm)
        raise GeometryError(
            f"{what} has voxels of {sizes} mm; {low:g} to {high:g} mm can be read, so its geometry is damaged "
            "or in another unit"
        )
    far = float(np.abs(grid.corners_mm).max())
    if far > POSITION_MM:
        raise GeometryError(
            f"{what} reaches {far:.4g} mm from the origin; up to {POSITION_MM:g} mm can be read"
        )
    return grid
