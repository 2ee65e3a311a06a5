"""A scene drawn by hand: a straight round vein of 4 mm radius with an artery beside it, in muscle."""

from __future__ import annotations

import numpy as np

from deepvein.examples.courses.scene import PIXEL_MM, SIZE, STEP_MM, Scene

RADIUS_MM = 4.0
ARTERY_X_MM = 9.0


def scene(n: int = 60, muscle: int = 58) -> Scene:
    offset = (np.arange(SIZE) - (SIZE - 1) / 2) * PIXEL_MM
    artery = np.hypot(offset[None, :] - ARTERY_X_MM, offset[:, None]) < 3.0
    nothing = np.zeros((n, SIZE, SIZE), np.uint8)
    ellipse = np.tile(np.float32([0, 0, RADIUS_MM**-2, 0, RADIUS_MM**-2]), (n, 1))
    return Scene(
        tissue=np.full((n, SIZE, SIZE), muscle, np.int16),
        arteries=np.repeat(255 * artery[None], n, axis=0).astype(np.uint8),
        deep=nothing,
        other=nothing,
        ellipse=ellipse,
        z_mm=(STEP_MM * np.arange(n)).astype(np.float32),
        shown=np.ones(n, np.bool_),
    )
