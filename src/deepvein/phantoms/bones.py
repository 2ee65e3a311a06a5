"""Pelvis, sacrum and spine, femur, patella, tibia and fibula: cortex around marrow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from deepvein.anatomy.tissues import Tissue
from deepvein.anatomy.veins import Side
from deepvein.phantoms.canvas import Canvas
from deepvein.phantoms.frame import Frame, Key
from deepvein.phantoms.tube import (
    STEP_MM,
    Ellipse,
    Pixels32,
    Tube,
    Window,
    coverage,
    distance,
)

Keys = tuple[Key, ...]
Cortex = tuple[tuple[float, float], ...]
"""Thickness of the cortex (mm) at landmark coordinates t."""

_THIN: Cortex = ((0.0, 1.3),)
_SHAFT: Cortex = ((1.08, 1.2), (1.2, 2.8), (1.4, 5.5), (1.7, 6.0), (1.9, 2.2))
_SHIN: Cortex = ((0.05, 1.2), (0.2, 3.2), (0.5, 5.0), (0.75, 3.5), (0.9, 1.3))

# Tubes of one leg, in the leg's frame (reference adult, mm).
_LEG: tuple[tuple[Keys, Cortex], ...] = (
    (  # shaft of the femur
        (
            (1.06, 2, -10, 28, 15, 0),
            (1.1, 2, -13, 26, 16, 0),
            (1.17, 2, -16, 18, 14, 0),
            (1.3, 3, -17, 15, 13.5, 0),
            (1.5, 14, -25, 14.5, 14, 0),
            (1.75, 22, -22, 15, 15, 0),
            (1.86, 25, -12, 18, 16, 0),
            (1.92, 29, -10, 18, 15, 0),
            (1.97, 33, -9, 10, 8, 0),
        ),
        _SHAFT,
    ),
    (  # greater trochanter
        (
            (1.87, 36, -2, 9, 10, 0),
            (1.93, 43, 0, 11, 15, 0),
            (1.98, 44, 2, 7, 10, 0),
            (1.995, 44, 3, 3, 4, 0),
        ),
        _THIN,
    ),
    (((1.82, 12, -4, 4, 4, 0), (1.85, 11, -2, 8, 8, 0), (1.88, 13, -4, 5, 5, 0)), _THIN),
    (  # trochlea
        ((1.02, 0, -14, 18, 10, 0), (1.05, 0, -16, 28, 15, 0), (1.1, 2, -15, 20, 14, 0)),
        _THIN,
    ),
    (  # shaft and plateau of the tibia
        (
            (-0.01, -8, -6, 20, 17, 0),
            (0.04, -9, -7, 18, 16, 0),
            (0.12, -10, -12, 13, 12, 0),
            (0.35, -9, -23, 11.5, 12.5, -20),
            (0.6, -8, -30, 12.5, 15.5, -15),
            (0.82, -6, -21, 16, 19, 0),
            (0.9, -3, -13, 27, 22, 0),
            (0.95, 0, -6, 36, 24, 0),
            (0.985, 0, -4, 36, 24, 0),
        ),
        _SHIN,
    ),
    (((-0.045, -21, -4, 5, 7, 0), (-0.01, -23, -6, 7, 11, 0), (0.05, -18, -7, 9, 11, 0)), _THIN),
    (((0.86, 2, -34, 6, 5, 0), (0.89, 2, -36, 8, 6, 0), (0.92, 2, -28, 8, 6, 0)), _THIN),
    (  # fibula
        (
            (-0.07, 25, 6, 4, 5, 0),
            (-0.03, 24, 5, 7, 9, 0),
            (0.08, 25, 5, 7, 8, 0),
            (0.3, 27, 7, 5.5, 6.5, 0),
            (0.6, 30, 8, 6, 6.5, 0),
            (0.87, 35, 10, 6.5, 7, 0),
            (0.93, 37, 11, 10, 9.5, 0),
            (0.965, 36, 9, 5, 5, 0),
        ),
        ((-0.05, 1.2), (0.2, 2.4), (0.8, 2.4), (0.9, 1.2)),
    ),
    (  # talus and calcaneus
        (
            (-0.2, 0, 10, 18, 30, 0),
            (-0.1, 0, 2, 17, 24, 0),
            (-0.05, 0, -4, 16, 20, 0),
            (-0.015, 0, -6, 13, 15, 0),
        ),
        _THIN,
    ),
    (((-0.2, 4, 38, 14, 16, 0), (-0.1, 4, 36, 13, 17, 0), (-0.06, 4, 34, 8, 9, 0)), _THIN),
    (  # ischium and posterior column
        (
            (1.785, -22, 31, 6, 7, 0),
            (1.81, -22, 30, 14, 16, 0),
            (1.88, -24, 24, 13, 16, 0),
            (1.97, -26, 12, 10, 14, 0),
            (2.05, -24, 4, 10, 15, 0),
            (2.2, 72, 4, 14, 16, 0),
        ),
        _THIN,
    ),
    (  # roof of the acetabulum
        (
            (2.12, 84, -24, 27, 25, 0),
            (2.18, 88, -20, 26, 23, 0),
            (2.26, 92, -14, 20, 16, 0),
            (2.3, 92, -10, 10, 8, 0),
        ),
        _THIN,
    ),
)
# Balls: t, u, v of the centre and the radii across, back and along (mm).
_BALLS = (
    (2.0, -8.0, -38.0, 24.0, 24.0, 24.0),  # head of the femur
    (1.05, -22.0, 5.0, 15.0, 31.0, 22.0),  # medial condyle
    (1.05, 23.0, 3.0, 14.0, 30.0, 21.0),  # lateral condyle
    (1.07, 3.0, -49.0, 21.0, 10.0, 21.0),  # patella
)
# Plates: t, then u, v of both ends and the half thickness.
_PLATES: tuple[tuple[tuple[float, float, float, float, float, float], ...], ...] = (
    (  # neck of the femur
        (1.905, 26, -10, 16, -20, 8),
        (1.95, 28, -10, 2, -30, 13),
        (1.985, 14, -22, -4, -36, 12),
    ),
    (  # superior ramus of the pubis
        (1.91, -62, -62, -82, -72, 4),
        (1.945, -48, -58, -85, -76, 8),
        (1.99, -44, -54, -85, -76, 8),
        (2.03, -42, -52, -62, -66, 6),
    ),
    ((1.94, -44, -52, -32, 2, 3), (1.98, -42, -52, -33, 0, 4), (2.05, -40, -50, -32, 0, 4)),
    (  # inferior ramus
        (1.82, -30, 18, -40, 4, 6),
        (1.87, -46, -20, -64, -44, 6),
        (1.91, -64, -50, -82, -68, 6),
    ),
    (  # wing of the ilium
        (2.2, 78, 6, 92, -14, 9),
        (2.4, 62, 40, 99, -6, 6.5),
        (2.6, 54, 54, 103, 3, 5),
        (2.8, 54, 50, 110, 12, 4.5),
        (2.95, 66, 34, 114, 13, 5.5),
        (3.0, 88, 20, 110, 8, 5),
    ),
    (  # and its front half
        (2.2, 92, -14, 104, -36, 9),
        (2.4, 99, -6, 120, -58, 6.5),
        (2.6, 103, 3, 128, -60, 5),
        (2.8, 110, 12, 136, -40, 4.5),
        (2.95, 114, 13, 134, -14, 5.5),
        (3.0, 110, 8, 124, -4, 5),
    ),
)
# Sacrum, coccyx and vertebrae, in the trunk's frame.
_SPINE: tuple[Keys, ...] = (
    (
        (2.02, 0, 76, 7, 4, 0),
        (2.15, 0, 84, 14, 7, 0),
        (2.3, 0, 82, 30, 12, 0),
        (2.5, 0, 67, 42, 18, 0),
        (2.65, 0, 51, 47, 22, 0),
        (2.74, 0, 38, 36, 16, 0),
    ),
    ((2.77, 0, 22, 25, 17, 0), (2.85, 0, 17, 24, 17, 0), (2.96, 0, 16, 26, 18, 0)),
    ((3.02, 0, 16, 26, 18, 0), (3.1, 0, 17, 24, 17, 0), (3.22, 0, 17, 26, 18, 0)),
    ((3.28, 0, 17, 26, 18, 0), (3.4, 0, 18, 24, 17, 0), (3.52, 0, 18, 26, 18, 0)),
    ((2.6, 0, 74, 7, 14, 0), (3.0, 0, 66, 6, 16, 0), (3.5, 0, 64, 6, 16, 0)),
)


@dataclass(frozen=True, eq=False)
class _Part:
    """A tube with cortex, or a plate: two tubes of which only the centres count, joined at one width."""

    tube: Tube
    cortex: Cortex
    end: Tube | None = None


@dataclass(frozen=True, eq=False)
class Bones:
    """The skeleton of a person between the ankle and the fourth lumbar vertebra."""

    frame: Frame

    @cached_property
    def parts(self) -> tuple[_Part, ...]:
        size = self.frame.person.size
        out = [
            _Part(self.frame.tube(keys, Side.MIDLINE, size).capped(5.0), _THIN) for keys in _SPINE
        ]
        for side in (Side.RIGHT, Side.LEFT):
            # Places shrink and grow with the soft tissue, so bones go half of the way with it.
            size = 0.5 * self.frame.person.size + 0.5 * self.frame.scale(side)
            out += [
                _Part(self.frame.tube(keys, side, size).capped(5.0), cortex)
                for keys, cortex in _LEG
            ]
            out += [_Part(self._ball(side, ball, size), _THIN) for ball in _BALLS]
            for plate in _PLATES:
                start = self.frame.tube(
                    [(t, u, v, w, w, 0) for t, u, v, _, _, w in plate], side, size
                )
                end = self.frame.tube(
                    [(t, u, v, w, w, 0) for t, _, _, u, v, w in plate], side, size
                )
                out.append(_Part(start, _THIN, end))
        return tuple(out)

    def _ball(self, side: Side, ball: tuple[float, ...], size: float) -> Tube:
        t, u, v, r1, r2, r3 = ball
        (x,), (y,) = self.frame.place(side, t, u, v)
        turn = self.frame.axis(side, t)
        angle = float(np.arctan2(turn[3][0], turn[2][0])) * (1 if side is Side.LEFT else -1)
        reach = r3 * size
        count = 2 * int(reach / STEP_MM) + 1
        offset = STEP_MM * (np.arange(count) - count // 2)
        k = np.sqrt(np.maximum(0.02, 1 - (offset / reach) ** 2)) * size
        nodes = np.stack(
            [np.full(count, x), np.full(count, y), r1 * k, r2 * k, np.full(count, angle)], axis=1
        )
        return Tube(float(self.frame.z(t)) + float(offset[0]), np.round(nodes, 6))

    def paint(self, canvas: Canvas) -> None:
        """Paint the bones and mark those pixels of which they fill half or more."""
        t = float(self.frame.t(canvas.z_mm))
        for parts in self._groups:
            self._paint_group(canvas, parts, t)

    @cached_property
    def _groups(self) -> tuple[tuple[_Part, ...], ...]:
        """Spine, right and left: bones far apart get small windows of their own."""
        n = len(_SPINE)
        each = len(_LEG) + len(_BALLS) + len(_PLATES)
        return self.parts[:n], self.parts[n : n + each], self.parts[n + each :]

    def _paint_group(self, canvas: Canvas, parts: tuple[_Part, ...], t: float) -> None:
        found = [[self._cut(part, z) for part in parts] for z in canvas.planes_mm]
        boxes = [e for plane in found for cut in plane if cut is not None for e in cut]
        window = canvas.pixels.around(boxes, 2.0) if boxes else None
        if window is None:
            return
        shape, size = (len(window.y), len(window.x)), canvas.pixels.size_mm
        outer, inner = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
        share = np.float32(1 / len(found))
        for plane in found:
            out, within = np.full(shape, 9, dtype=np.float32), np.full(shape, 9, dtype=np.float32)
            for part, cut in zip(parts, plane, strict=True):
                small = None if cut is None else canvas.pixels.around(list(cut), 2.0)
                if cut is None or small is None:
                    continue
                place = (
                    slice(
                        small.rows.start - window.rows.start, small.rows.stop - window.rows.start
                    ),
                    slice(
                        small.columns.start - window.columns.start,
                        small.columns.stop - window.columns.start,
                    ),
                )
                d = distance(cut[0], small) if len(cut) == 1 else _plate(cut, small)
                thick = np.float32(
                    np.interp(t, [c[0] for c in part.cortex], [c[1] for c in part.cortex])
                )
                np.minimum(out[place], d, out=out[place])
                d += thick
                np.minimum(within[place], d, out=within[place])
            outer += coverage(out, size)
            inner += coverage(within, size)
        outer *= share
        inner *= share
        # Red, spongy marrow in the ends of the bones and the pelvis; yellow marrow in the shafts.
        spongy = float(
            np.interp(t, (0.08, 0.22, 0.78, 0.9, 1.1, 1.22, 1.78, 1.9), (1, 0, 0, 1, 1, 0, 0, 1))
        )
        tissue = canvas.palette.tissue
        marrow = spongy * tissue(Tissue.SPONGY_MARROW) + (1 - spongy) * tissue(Tissue.FATTY_MARROW)
        canvas.lay(window, outer, tissue(Tissue.CORTICAL_BONE))
        canvas.lay(window, inner, marrow)
        canvas.bones[window.place][outer >= 0.5] = 1

    @staticmethod
    def _cut(part: _Part, z_mm: float) -> tuple[Ellipse, ...] | None:
        section = part.tube.at(z_mm)
        if section is None:
            return None
        if part.end is None:
            return (section,)
        other = part.end.at(z_mm)
        return None if other is None else (section, other)


def _plate(ends: tuple[Ellipse, ...], window: Window) -> Pixels32:
    """Signed distance to all points within a half thickness of the line between two centres."""
    a, b = ends
    ex, ey = b.x - a.x, b.y - a.y
    length2 = max(ex * ex + ey * ey, 1e-6)
    dx, dy = window.x - np.float32(a.x), (window.y - np.float32(a.y))[:, None]
    h = dx * np.float32(ex / length2) + dy * np.float32(ey / length2)
    h = np.minimum(np.maximum(h, np.float32(0)), np.float32(1))
    px, py = dx - h * np.float32(ex), dy - h * np.float32(ey)
    out: Pixels32 = np.sqrt(px * px + py * py) - np.float32(a.half_width)
    return out
