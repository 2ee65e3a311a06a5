"""The scanner's table: a cushion on a shell, in the shapes that scanners have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.anatomy.tissues import Tissue
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Float, coverage


@dataclass(frozen=True)
class Table:
    """A shape of table; lengths in mm, seen along the body.

    half_width: of the top; sag_radius: the top follows 2 x sag_radius * y = x^2 up to sag_most; cushion: its
    thickness; shell: of the carbon fibre; depth: from the top to the lower shell.
    """

    half_width: float
    sag_radius: float
    sag_most: float
    cushion: float
    shell: float
    depth: float


TABLES: dict[str, Table] = {
    "curved": Table(215.0, 1750.0, 14.0, 16.0, 2.8, 70.0),
    "flat": Table(235.0, 1e6, 1.0, 22.0, 3.4, 45.0),
    "cradle": Table(205.0, 620.0, 36.0, 9.0, 2.2, 95.0),
}
"""Shapes (M)."""


def paint_table(canvas: Canvas, shape: Table, top_mm: float) -> None:
    """Paint the table with the middle of its top at y = top_mm of the canvas, before the body."""
    y, x = canvas.pixels.y_mm, canvas.pixels.x_mm
    # Edges rise: the top is highest, with the smallest y, at its sides.
    top: Float = top_mm + 1.0 - np.minimum(x * x / (2 * shape.sag_radius), shape.sag_most)
    window = canvas.pixels.window(
        -shape.half_width, shape.half_width, float(top.min()) - 2, float(y[-1]) + 1
    )
    if window is None:
        return
    size = canvas.pixels.size_mm
    below = window.y[:, None] - top[window.columns].astype(np.float32)
    cushion = coverage(-below, size) * coverage(below - np.float32(shape.cushion), size)
    half = np.float32(shape.shell / 2)
    shell = coverage(np.abs(below - (np.float32(shape.cushion) + half)) - half, size)
    # The lower shell is bowed the other way: deepest in the middle.
    bow = np.minimum(window.x * window.x * np.float32(1 / 1500.0), np.float32(shape.depth * 0.6))
    floor = coverage(np.abs(below - (np.float32(shape.depth) - bow)) - half, size)
    canvas.lay_tissue(window, cushion, Tissue.CUSHION)
    canvas.lay(window, np.maximum(shell, floor), -350.0)
