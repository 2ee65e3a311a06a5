"""Skin and the fat under it: lobules between septa, the superficial fascia, water where it swells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.anatomy.tissues import Tissue
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels32, Window, coverage

SKIN_MM = 1.8
_SHEET_MM = 0.6
"""Thickness of the superficial and of the deep fascia (M)."""


@dataclass(frozen=True, eq=False)
class Layers:
    """(rows, columns) distances in mm to skin and fascia, negative inside; textures between -1 and 1.

    wet: (columns,) strength of oedema, 0 to 1, or None for none.
    """

    window: Window
    skin: Pixels32
    fascia: Pixels32
    coarse: Pixels32
    fine: Pixels32
    wet: Pixels32 | None = None


def paint_fat(canvas: Canvas, layers: Layers) -> None:
    """Fat everywhere within the skin; muscles and bones are painted over it."""
    tissue, size = canvas.palette.tissue, canvas.pixels.size_mm
    fat, hide, muscle = tissue(Tissue.FAT), tissue(Tissue.SKIN), tissue(Tissue.MUSCLE)
    skin = layers.skin
    # Septa: thin sheets where the fine texture passes through zero.
    edge = np.abs(layers.fine)
    share = np.maximum(np.float32(0), np.float32(0.12) - edge)
    share *= np.float32(1.8)
    share += np.float32(0.22) * _superficial_fascia(layers, size)
    share *= np.float32(muscle - fat)
    share += np.float32(fat)
    if layers.wet is not None:
        water = _water(layers, edge)
        share += water * (np.float32(tissue(Tissue.OEDEMA)) - share)
    share -= np.float32(hide)
    share *= coverage(skin + np.float32(SKIN_MM), size)
    share += np.float32(hide)
    canvas.lay(layers.window, coverage(skin.copy(), size), share)


def sheet(distance_mm: Pixels32, size_mm: float) -> Pixels32:
    """The part of each pixel that a thin sheet fills, from the distance to its middle; reused."""
    np.abs(distance_mm, out=distance_mm)
    distance_mm -= np.float32(_SHEET_MM / 2)
    out = coverage(distance_mm, size_mm)
    # Two edges nearer than a pixel cover (size + sheet)^2 / 4 size in all, not the sheet's thickness.
    wide = max(size_mm, _SHEET_MM)
    out *= np.float32(4 * wide * _SHEET_MM / (wide + _SHEET_MM) ** 2)
    return out


def _superficial_fascia(layers: Layers, size: float) -> Pixels32:
    """A sheet about half way between skin and fascia, as far as the fat is thick enough for one."""
    # With s the depth under the skin and f the height over the fascia it lies at 0.45 s = 0.55 f.
    middle = np.float32(-0.45) * layers.skin
    middle -= np.float32(0.55) * layers.fascia
    middle += np.float32(2.5) * layers.coarse
    out = sheet(middle, size)
    # It comes and goes.
    out *= np.maximum(layers.coarse + np.float32(0.6), np.float32(0))
    return out


def _water(layers: Layers, edge: Pixels32) -> Pixels32:
    """(rows, columns) how far water replaces fat: in thickened septa and on the fascia."""
    wet = layers.wet
    if wet is None:
        return np.zeros_like(edge)
    # Septa thicken to a third of the texture's range: a net of strands.
    out: Pixels32 = np.maximum(np.float32(0), np.float32(0.34) - edge)
    out *= np.float32(2.4)
    on_fascia = np.maximum(np.float32(0), np.float32(1) - np.abs(layers.fascia) * np.float32(0.3))
    np.maximum(out, np.float32(0.7) * on_fascia, out=out)
    out += np.float32(0.10)
    out *= wet
    np.minimum(out, np.float32(0.95), out=out)
    return out
