"""Perivenous oedema: streaks of water in the fat around an inflamed vein."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from deepvein.anatomy.tissues import Tissue
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.grain import Grain, grain
from deepvein.phantoms.shapes.tube import Ellipse, distance


@dataclass(frozen=True, eq=False)
class Stranding:
    """Stranding around one vein between two heights.

    strength: 0 to 1, how much of the fat in a streak is water; reach_mm: how far it spreads.
    """

    vessel: str
    low_mm: float
    high_mm: float
    strength: float
    reach_mm: float
    seed: int

    @cached_property
    def _grain(self) -> Grain:
        return grain(self.seed, "reaction", "grain", spacing_mm=3.2, spacing_z_mm=11.0)

    def paint(self, canvas: Canvas, section: Ellipse) -> None:
        """Paint it around the vein's section, on fat alone."""
        end = min(canvas.z_mm - self.low_mm, self.high_mm - canvas.z_mm)
        window = canvas.pixels.around([section], self.reach_mm) if end > 0 else None
        if window is None:
            return
        near = 1 - distance(section, window) * np.float32(1 / self.reach_mm)
        np.minimum(np.maximum(near, np.float32(0), out=near), np.float32(1), out=near)
        x, y = window.x - np.float32(section.x), window.y - np.float32(section.y)
        streak = 1 - np.abs(self._grain.section(canvas.z_mm, x, y)) * np.float32(1.6)
        near *= np.maximum(np.float32(0), np.float32(0.35) + np.float32(0.65) * streak)
        near *= np.float32(self.strength * min(1.0, end / 15.0))
        near *= _fatness(canvas, window.place)
        canvas.lay_tissue(window, near, Tissue.OEDEMA)


def _fatness(canvas: Canvas, place: tuple[slice, slice]) -> np.ndarray:
    """(rows, columns) 1 where the canvas shows fat, 0 where it shows muscle or bone."""
    fat, muscle = canvas.palette.tissue(Tissue.FAT), canvas.palette.tissue(Tissue.MUSCLE)
    if abs(muscle - fat) < 1e-3:
        return np.zeros((1, 1), dtype=np.float32)
    out = (np.float32(muscle) - canvas.value[place]) * np.float32(1 / (muscle - fat))
    np.minimum(np.maximum(out, np.float32(0), out=out), np.float32(1), out=out)
    out *= canvas.bones[place] == 0
    return out
