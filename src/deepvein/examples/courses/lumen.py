"""The lumen of a vein in the sections of its course, and parts of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.examples.courses.frame import PIXEL_MM, Frame

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Lumen:
    """Ellipses q = 1 with q^2 = a x^2 + 2 b x y + c y^2, one a section.

    shape: (n, 3) a, b, c per mm^2. frame: where the pixels lie.
    """

    shape: Float32
    frame: Frame

    def grown(self, factor: Float32) -> Lumen:
        """With radii multiplied by (n,) factors."""
        return Lumen(self.shape / (factor * factor)[:, None], self.frame)

    @property
    def half(self) -> tuple[Float32, Float32]:
        """(n,) half the extent along x and along y, mm."""
        a, b, c = self.shape.T
        det = a * c - b * b
        return np.sqrt(c / det), np.sqrt(a / det)

    def distance(self, scale: Float32 | float = 1.0, offset: Float32 | None = None) -> Float32:
        """(n, rows, columns) signed distance in mm, to first order, to the edge of the lumen scaled by
        (n,) `scale` and moved by `offset`, (n, 2) in units of its half extents; negative inside."""
        x, y = self.frame.x_mm, self.frame.y_mm
        if offset is not None:
            half_x, half_y = self.half
            x = x - (offset[:, 0] * half_x)[:, None]
            y = y - (offset[:, 1] * half_y)[:, None]
        factor = np.float32(1) / np.maximum(np.asarray(scale, dtype=np.float32), 0.02) ** 2
        a, b, c = ((self.shape * np.reshape(factor, (-1, 1))).T)[:, :, None, None]
        dx, dy = x[:, None, :], y[:, :, None]
        gx, gy = a * dx + b * dy, b * dx + c * dy
        q2 = np.maximum(gx * dx + gy * dy, np.float32(1e-8))
        out: Float32 = (q2 - np.sqrt(q2)) / np.sqrt(gx * gx + gy * gy + np.float32(1e-12))
        return out

    def inner(self) -> tuple[Float32, Float32]:
        """x (n, 1, columns) and y (n, rows, 1) in units of the half extents."""
        half_x, half_y = self.half
        x = self.frame.x_mm / half_x[:, None]
        y = self.frame.y_mm / half_y[:, None]
        return x[:, None, :], y[:, :, None]


def covered(distance_mm: Float32, width_mm: float = PIXEL_MM) -> Float32:
    """The part of each pixel inside an edge, 0 to 1."""
    out: Float32 = np.clip(np.float32(0.5) - distance_mm * np.float32(1 / width_mm), 0, 1)
    return out
