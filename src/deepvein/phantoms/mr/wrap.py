"""Wrap-around: what lies beside the field of view is folded in on the other side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.anatomy.tissues import Tissue
from deepvein.anatomy.veins import Side
from deepvein.phantoms.canvas import Canvas
from deepvein.phantoms.tube import Ellipse, Pixels32, coverage, distance


@dataclass(frozen=True)
class Arm:
    """A forearm and hand beside the hip, in the patient (mm).

    x, y: centre; low_mm: tip of the fingers, high_mm: where the elbow leaves the picture; radius: of the
    thickest place.
    """

    side: Side
    x: float
    y: float
    low_mm: float
    high_mm: float
    radius: float

    def paint(self, canvas: Canvas) -> None:
        """Skin, fat, muscle and two bones; nothing above or below the arm."""
        if not self.low_mm <= canvas.z_mm <= self.high_mm:
            return
        t = (canvas.z_mm - self.low_mm) / (self.high_mm - self.low_mm)
        # Fingers and palm are flat, the forearm round.
        wide = self.radius * min(1.0, 0.55 + 1.2 * t)
        flat = min(0.85, 0.35 + 1.1 * t)
        fat = 1.5 + 3.0 * t
        for shrink, tissue in ((0.0, Tissue.SKIN), (1.6, Tissue.FAT), (1.6 + fat, Tissue.MUSCLE)):
            self._lay(canvas, self.x, wide * flat - shrink, wide - shrink, tissue)
        for sign in (-1, 1):
            bone = (self.x, self.y + sign * 0.42 * wide)
            for edge, tissue in ((6.5, Tissue.CORTICAL_BONE), (4.0, Tissue.FATTY_MARROW)):
                self._lay(canvas, bone[0], edge, edge, tissue, bone[1])

    def _lay(
        self,
        canvas: Canvas,
        x: float,
        across: float,
        deep: float,
        tissue: Tissue,
        y: float | None = None,
    ) -> None:
        if min(across, deep) < 1:
            return
        section = Ellipse(x, self.y if y is None else y, 1 / across**2, 0.0, 1 / deep**2)
        window = canvas.pixels.around([section], 2.0)
        if window is not None:
            part = coverage(distance(section, window), canvas.pixels.size_mm)
            canvas.lay_tissue(window, part, tissue)


def fold(value: Pixels32, margin: int, weight: float) -> Pixels32:
    """(rows, columns - 2 margin) the middle of `value` with `weight` of both margins folded in.

    A place just outside the left edge appears just inside the right one. margin: 0 to a third of the
    columns.
    """
    if margin == 0:
        return value
    inner = value[:, margin:-margin].copy()
    part = np.float32(weight)
    inner[:, :margin] += part * value[:, -margin:]
    inner[:, -margin:] += part * value[:, :margin]
    return inner
