"""Pelvis, sacrum and spine, femur, patella, tibia and fibula: cortex around marrow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from deepvein.anatomy.tissues import Tissue
from deepvein.anatomy.veins import Side
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.skeleton import BALLS, LEG, PLATES, RIDGES, SPINE, THIN, Cortex
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.texture import Texture
from deepvein.phantoms.shapes.tube import (
    STEP_MM,
    Ellipse,
    Pixels,
    Pixels32,
    Tube,
    Window,
    coverage,
    distance,
)


@dataclass(frozen=True, eq=False)
class _Part:
    """A tube with cortex, or a plate: two tubes of which only the centres count, joined at one width."""

    tube: Tube
    cortex: Cortex
    end: Tube | None = None

    def at(self, z_mm: float) -> tuple[Ellipse, ...] | None:
        """The section at a height, one ellipse, or the two ends of a plate; None where there is none."""
        section = self.tube.at(z_mm)
        if section is None or self.end is None:
            return None if section is None else (section,)
        other = self.end.at(z_mm)
        return None if other is None else (section, other)


@dataclass(frozen=True, eq=False)
class Bones:
    """The skeleton of a person between the ankle and the fourth lumbar vertebra."""

    frame: Frame

    @cached_property
    def parts(self) -> tuple[_Part, ...]:
        size = self.frame.person.size
        out = [_Part(self.frame.tube(keys, Side.MIDLINE, size).capped(5.0), THIN) for keys in SPINE]
        for side in (Side.RIGHT, Side.LEFT):
            # Places shrink and grow with the soft tissue, so bones go half of the way with it.
            size = 0.5 * self.frame.person.size + 0.5 * self.frame.scale(side)
            out += [
                _Part(self.frame.tube(keys, side, size).capped(5.0), cortex) for keys, cortex in LEG
            ]
            out += [_Part(self._ball(side, ball, size), THIN) for ball in BALLS]
            for number, plate in enumerate(PLATES):
                start = self.frame.tube(
                    [(t, u, v, w, w, 0.0) for t, u, v, _, _, w, _ in plate], side, size
                )
                end = self.frame.tube(
                    [(t, u, v, w, w, 0.0) for t, _, _, u, v, _, w in plate], side, size
                )
                out.append(_Part(start, RIDGES.get(number, THIN), end))
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
        n = len(SPINE)
        each = len(LEG) + len(BALLS) + len(PLATES)
        return self.parts[:n], self.parts[n : n + each], self.parts[n + each :]

    def _paint_group(self, canvas: Canvas, parts: tuple[_Part, ...], t: float) -> None:
        found = [[part.at(z) for part in parts] for z in canvas.planes_mm]
        boxes = [e for plane in found for cut in plane if cut is not None for e in cut]
        window = canvas.pixels.around(boxes, 2.0) if boxes else None
        if window is None:
            return
        shape, size = (len(window.y), len(window.x)), canvas.pixels.size_mm
        outer, inner = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
        share = np.float32(1 / len(found))
        deep = inner
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
                    self._density
                    * np.interp(t, [c[0] for c in part.cortex], [c[1] for c in part.cortex])
                )
                np.minimum(out[place], d, out=out[place])
                d += thick
                np.minimum(within[place], d, out=within[place])
            outer += coverage(out, size)
            deep = within.copy()
            inner += coverage(within, size)
        outer *= share
        inner *= share
        tissue = canvas.palette.tissue
        marrow = self._marrow(canvas, window, t, deep)
        canvas.lay(window, outer, tissue(Tissue.CORTICAL_BONE))
        canvas.lay(window, inner, marrow)
        canvas.bones[window.place][outer >= 0.5] = 1

    @cached_property
    def _density(self) -> float:
        """Cortex and trabeculae thin with age, more so in women (M)."""
        person = self.frame.person
        loss = (0.006 if person.female else 0.004) * max(0.0, person.age_years - 40)
        return min(1.08, max(0.65, 1.08 - loss))

    @cached_property
    def _trabeculae(self) -> Texture:
        return Texture(self.frame.person.seed, "trabeculae", 1.8, 5.0, 260.0)

    def _marrow(self, canvas: Canvas, window: Window, t: float, deep: Pixels32) -> float | Pixels32:
        """Red, spongy marrow in the ends of the bones and the pelvis, yellow marrow in the shafts.

        Trabeculae are a grain, denser under the surface; deep: distance (mm) to the cortex's inside.
        """
        spongy = float(
            np.interp(t, (0.08, 0.22, 0.78, 0.9, 1.1, 1.22, 1.78, 1.9), (1, 0, 0, 1, 1, 0, 0, 1))
        )
        yellow = canvas.palette.tissue(Tissue.FATTY_MARROW)
        if spongy <= 0:
            return yellow
        pixels = Pixels(window.x.astype(np.float64), window.y.astype(np.float64))
        share: Pixels32 = self._trabeculae.section(canvas.z_mm, pixels)
        share *= np.float32(0.42)
        near = deep * np.float32(0.1)
        near += np.float32(0.6)
        share += np.maximum(near, np.float32(0), out=near)
        share += np.float32(0.85)
        share *= np.float32(spongy * self._density)
        share *= np.float32(canvas.palette.tissue(Tissue.SPONGY_MARROW) - yellow)
        share += np.float32(yellow)
        return share


def _plate(ends: tuple[Ellipse, ...], window: Window) -> Pixels32:
    """Signed distance to all points within a half thickness of the line between two centres;
    the thickness runs evenly from one centre to the other."""
    a, b = ends
    wide, wider = np.float32(a.half_width), np.float32(b.half_width - a.half_width)
    ex, ey = b.x - a.x, b.y - a.y
    length2 = max(ex * ex + ey * ey, 1e-6)
    dx, dy = window.x - np.float32(a.x), (window.y - np.float32(a.y))[:, None]
    h = dx * np.float32(ex / length2) + dy * np.float32(ey / length2)
    np.maximum(h, np.float32(0), out=h)
    np.minimum(h, np.float32(1), out=h)
    px, py = dx - h * np.float32(ex), dy - h * np.float32(ey)
    out: Pixels32 = np.sqrt(px * px + py * py)
    out -= wide
    out -= h * wider
    return out
