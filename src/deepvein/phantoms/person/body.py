"""Skin, fat and muscles, and how they are painted with the organs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from deepvein.anatomy.tissues import Tissue
from deepvein.anatomy.veins import Side
from deepvein.core.seeds import generator
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.muscles import MUSCLES
from deepvein.phantoms.person.oedema import Oedema
from deepvein.phantoms.person.organs import organs_of
from deepvein.phantoms.person.outline import LegOutline, TrunkOutline
from deepvein.phantoms.person.population import Person
from deepvein.phantoms.person.subcutaneous import Layers, paint_fat, sheet
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.texture import Texture
from deepvein.phantoms.shapes.tube import (
    Ellipse,
    Float,
    Pixels,
    Pixels32,
    Tube,
    Window,
    coverage,
    distance,
    radius,
)

_EDGE_MM = 10.0
"""Over which the skin bends up from the table."""
# How far (mm) bellies grow into the room between them, by landmark coordinate: they fill their
# compartments in calf and thigh and leave the hollow of the knee and the pelvis to fat.
_FILL = (
    (0.0, 1.0),
    (0.3, 4.5),
    (0.8, 4.5),
    (0.95, 2.0),
    (1.15, 2.5),
    (1.35, 6.5),
    (1.8, 6.5),
    (1.95, 7.0),
    (2.1, 5.5),
    (2.3, 3.5),
)


@dataclass(frozen=True, eq=False)
class BodySection:
    """What other painters need of a painted body section: signed distance (mm) to the skin."""

    window: Window
    skin_mm: Pixels32


@dataclass(frozen=True, eq=False)
class Body:
    """The soft tissue of a person, without vessels."""

    person: Person
    frame: Frame
    oedema: tuple[Oedema, ...] = ()
    """Swellings of the limbs; without them the body's pixels are what they always were."""

    @cached_property
    def muscles(self) -> tuple[tuple[Side, Tube], ...]:
        rng = generator(self.person.seed, "anatomy", "muscles")
        out = []
        for side in (Side.RIGHT, Side.LEFT):
            scale = self.frame.scale(side)
            for keys in MUSCLES.values():
                bulk = draw.normal(rng, 1.0, 0.05, 0.88, 1.12) * scale
                out.append((side, self.frame.tube(keys, side, bulk).capped(14.0)))
        return tuple(out)

    @cached_property
    def organs(self) -> tuple[tuple[Tissue, Tube], ...]:
        return organs_of(self.frame)

    @cached_property
    def _legs(self) -> tuple[LegOutline, LegOutline]:
        return (
            LegOutline(self.frame, Side.RIGHT, self.oedema),
            LegOutline(self.frame, Side.LEFT, self.oedema),
        )

    @cached_property
    def _trunk(self) -> TrunkOutline:
        return TrunkOutline(self.frame)

    @cached_property
    def _coarse(self) -> Texture:
        return Texture(self.person.seed, "coarse", 22.0, 40.0)

    @cached_property
    def _fine(self) -> Texture:
        return Texture(self.person.seed, "fine", 4.0, 9.0)

    def half_width_mm(self, t: float) -> float:
        """Half the width of the body at a height: what a field of view should hold."""
        reach = [0.0]
        if t <= 2.1:
            reach += [
                abs(float(self.frame.axis(leg.side, t)[0][0])) + leg.width_mm(t)
                for leg in self._legs
            ]
        if t > 1.9:
            reach.append(self._trunk.extent(t)[0])
        return max(reach)

    def front_mm(self, t: Float) -> float:
        """How far the skin reaches to the front over heights (mm, positive)."""
        reach = [self._trunk.extent(float(at))[1] for at in t if at > 1.93]
        for leg in self._legs:
            for at in t[t < 2.0]:
                y = float(self.frame.axis(leg.side, at)[1][0])
                reach.append(leg.reach_mm(float(at)) - y)
        return max(reach)

    def lowest_mm(self, t: Float) -> float:
        """The largest y of the skin over heights: where the table lies."""
        return min(self._rest_mm, self._back_mm(t, self._legs))

    def _back_mm(self, t: Float, legs: tuple[LegOutline, LegOutline]) -> float:
        """How far the outline reaches back before it is pressed flat."""
        behind = [self._trunk.extent(float(at))[2] for at in t if at > 1.93]
        for leg in legs:
            for at in t[t < 2.0]:
                _, y, cos, sin = (a[0] for a in self.frame.axis(leg.side, at))
                behind.append(
                    float(y) + float(leg.fascia(at, sin, cos)) + float(leg.fat(at, sin, cos))
                )
        return max(behind)

    @cached_property
    def _rest_mm(self) -> float:
        """y of the table on which the person lies: buttocks, and what else reaches it, are flattened.

        The same with and without oedema; soft fat gives way by about a third (M).
        """
        legs = (LegOutline(self.frame, Side.RIGHT), LegOutline(self.frame, Side.LEFT))
        sink = min(14.0, 7.0 * self.person.fat)
        return round(self._back_mm(np.linspace(0.1, 3.0, 30), legs) - sink, 6)

    def paint(self, canvas: Canvas) -> BodySection | None:
        """Paint the section; None where the plane meets no body."""
        t = float(self.frame.t(canvas.z_mm))
        window = self._extent(t, canvas.pixels)
        if window is None:
            return None
        skin, fascia = self._outline(t, window, canvas.pixels)
        pixels = Pixels(window.x.astype(np.float64), window.y.astype(np.float64))
        coarse = self._coarse.section(canvas.z_mm, pixels)
        fine = self._fine.section(canvas.z_mm, pixels)
        fascia += np.float32(2.0) * coarse
        size = canvas.pixels.size_mm
        wet = self._wet(t, window) if self.oedema else None
        paint_fat(canvas, Layers(window, skin, fascia, coarse, fine, wet))
        self._paint_muscles(canvas, window, t, fascia, coarse, fine)
        for tissue, tube in self.organs:
            section = tube.at(canvas.z_mm)
            inner = None if section is None else canvas.pixels.around([section], 2.0)
            if section is not None and inner is not None:
                part = coverage(distance(section, inner), size + 0.6)
                canvas.lay_tissue(inner, part, tissue)
        return BodySection(window, skin)

    def _extent(self, t: float, pixels: Pixels) -> Window | None:
        boxes = []
        if t <= 2.1:
            for leg in self._legs:
                x, y, _, _ = (float(a[0]) for a in self.frame.axis(leg.side, t))
                reach = leg.reach_mm(t)
                boxes.append((x - reach, x + reach, y - reach, y + reach))
        if t > 1.83:
            width, front, back = self._trunk.extent(t)
            boxes.append((-width - 3, width + 3, -front - 3, back + 3))
        x0, x1, y0, y1 = zip(*boxes, strict=True)
        return pixels.window(min(x0), max(x1), min(y0), max(y1))

    def _outline(self, t: float, window: Window, pixels: Pixels) -> tuple[Pixels32, Pixels32]:
        shape = (len(window.y), len(window.x))
        skin, fascia = np.full(shape, 99, dtype=np.float32), np.full(shape, 99, dtype=np.float32)
        legs = t <= 2.1
        if legs:
            for leg in self._legs:
                x, y, _, _ = (float(a[0]) for a in self.frame.axis(leg.side, t))
                reach = leg.reach_mm(t)
                part = pixels.window(x - reach, x + reach, y - reach, y + reach)
                if part is None:
                    continue
                place = _inside(part, window)
                s, f = leg.distances(t, part)
                skin[place] = np.minimum(skin[place], s)
                fascia[place] = np.minimum(fascia[place], f)
        if t > 1.83:
            s, f = self._trunk.distances(t, window)
            skin = _smooth_minimum(skin, s, 14.0) if legs else s
            fascia = np.minimum(fascia, f) if legs else f
        below = window.y - np.float32(self._rest_mm)
        near = int(np.searchsorted(below, -_EDGE_MM))
        if near < len(below):
            skin[near:] = -_smooth_minimum(-skin[near:], -below[near:, None], _EDGE_MM)
        return skin, fascia

    def _wet(self, t: float, window: Window) -> Pixels32 | None:
        """(columns,) strength of oedema: each leg on its side of the midline."""
        strong = [leg.swelling(t).strength for leg in self._legs]
        if max(strong) <= 0:
            return None
        left = np.minimum(np.maximum(np.float32(0.5) + window.x * np.float32(0.05), 0), 1)
        out: Pixels32 = strong[0] + (strong[1] - strong[0]) * left
        return out.astype(np.float32)

    def _paint_muscles(
        self,
        canvas: Canvas,
        window: Window,
        t: float,
        fascia: Pixels32,
        coarse: Pixels32,
        fine: Pixels32,
    ) -> None:
        shape = fascia.shape
        first, second = np.full(shape, 99, dtype=np.float32), np.full(shape, 99, dtype=np.float32)
        sign = np.float32(1.8)
        swollen = self._swollen(t) if self.oedema else {}
        # Bellies fill their compartment in the young and lean; fat takes the room later.
        fill = float(np.interp(t, [f[0] for f in _FILL], [f[1] for f in _FILL]))
        fill *= 1.1 - 0.6 * self.person.infiltration
        for index, (side, tube) in enumerate(self.muscles):
            section = tube.at(canvas.z_mm)
            if section is None:
                continue
            if side in swollen:
                section = _about(section, *swollen[side])
            reach = float((section.area / np.pi) ** 0.5)
            inner = canvas.pixels.around([section], fill + 1.0)
            place = None if inner is None else _clip(inner, window)
            if inner is None or place is None:
                continue
            q = radius(section, inner)
            # Millimetres from the muscle's edge, were it round.
            q -= np.float32(1)
            q *= np.float32(reach)
            q += (sign if index % 2 else -sign) * coarse[place]
            near, far = first[place], second[place]
            np.minimum(far, np.maximum(near, q), out=far)
            np.minimum(near, q, out=near)
        size = canvas.pixels.size_mm
        person = self.person
        belly = coverage(first - np.float32(fill), size)
        cleft = np.float32(0.45 + 1.1 * person.infiltration)
        gap = (second - first) * np.float32(0.5)
        cleft_mm = cleft + np.float32(0.5) * coarse
        belly *= 1 - np.float32(0.85) * coverage(gap - cleft_mm, size)
        belly *= coverage(fascia + np.float32(0.8), size)
        if t > 2.5:
            self._lay_belly_wall(belly, fascia, t, size)
        muscle = np.float32(canvas.palette.tissue(Tissue.MUSCLE))
        fat = np.float32(canvas.palette.tissue(Tissue.FAT))
        # Fat within the muscle: streaks where the texture is high, more of them in the old and heavy.
        streaks = np.maximum(np.float32(0), fine - np.float32(0.75 - 0.55 * person.infiltration))
        streaks *= np.float32(0.25 + 0.5 * person.infiltration)
        value = muscle + (fat - muscle) * (streaks + np.float32(0.025) * (coarse + 1))
        canvas.lay(window, sheet(fascia, size), float(0.4 * fat + 0.6 * muscle))
        canvas.lay(window, belly, value)

    def _swollen(self, t: float) -> dict[Side, tuple[float, float, float]]:
        """x, y of the axis and the factor on the girth for legs that swell at a height."""
        out = {}
        for leg in self._legs:
            x, y, _, _ = (float(a[0]) for a in self.frame.axis(leg.side, t))
            swell = leg.swelling(t).swell
            if swell != 1:
                out[leg.side] = (x, y, swell)
        return out

    @staticmethod
    def _lay_belly_wall(belly: Pixels32, fascia: Pixels32, t: float, size: float) -> None:
        thick = np.float32(13.0 * min(1.0, (t - 2.5) / 0.4))
        wall = coverage(fascia.copy(), size) - coverage(fascia + thick, size)
        np.maximum(belly, wall, out=belly)


def _about(section: Ellipse, x: float, y: float, factor: float) -> Ellipse:
    """The section with itself and its place about (x, y) enlarged."""
    moved = (x + factor * (section.x - x), y + factor * (section.y - y))
    return section.grown(factor)._replace(x=moved[0], y=moved[1])


def _inside(part: Window, whole: Window) -> tuple[slice, slice]:
    """Where `part`, which lies within `whole`, lies in arrays of `whole`."""
    r0, c0 = whole.rows.start, whole.columns.start
    return (
        slice(part.rows.start - r0, part.rows.stop - r0),
        slice(part.columns.start - c0, part.columns.stop - c0),
    )


def _clip(part: Window, whole: Window) -> tuple[slice, slice] | None:
    """As `_inside`, or None where `part` does not lie within `whole`."""
    inside = (
        part.rows.start >= whole.rows.start
        and part.rows.stop <= whole.rows.stop
        and part.columns.start >= whole.columns.start
        and part.columns.stop <= whole.columns.stop
    )
    return _inside(part, whole) if inside else None


def _smooth_minimum(a: Pixels32, b: Pixels32, width_mm: float) -> Pixels32:
    """The minimum of two distances with the crease filled over `width_mm`."""
    h = np.maximum(np.float32(0), np.float32(width_mm) - np.abs(a - b))
    out: Pixels32 = np.minimum(a, b) - h * h * np.float32(0.25 / width_mm)
    return out
