"""Simple solids of implants, each told by its signed distance in an axial plane.

Lengths and places are patient millimetres. `reach(z)` is the rectangle x0, x1, y0, y1 that holds the
solid's section at a height, or None where it has none; `distance(z, window)` is the signed distance in
mm, negative inside, as (rows, columns) of the window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from deepvein.phantoms.shapes.tube import Ellipse, Pixels32, Tube, Window, distance

Point = tuple[float, float, float]
"""x, y, z."""
Box = tuple[float, float, float, float]

_FAR = 99.0


class Solid(Protocol):
    """A body of an implant: which part of a section it can reach, and its signed distance there, in mm."""

    def reach(self, z_mm: float) -> Box | None: ...

    def distance(self, z_mm: float, window: Window) -> Pixels32: ...


@dataclass(frozen=True, eq=False)
class Pipe:
    """A tube taken as a solid, its edge moved outwards by grown_mm."""

    tube: Tube
    grown_mm: float = 0.0

    def reach(self, z_mm: float) -> Box | None:
        section = self.tube.at(z_mm)
        return None if section is None else _around(section, self.grown_mm)

    def distance(self, z_mm: float, window: Window) -> Pixels32:
        section = self.tube.at(z_mm)
        return _nothing(window) if section is None else _edge(section, window, self.grown_mm)


@dataclass(frozen=True)
class Rod:
    """All points within `radius_mm` of the line from a to b: screws, pegs, necks."""

    a: Point
    b: Point
    radius_mm: float

    def reach(self, z_mm: float) -> Box | None:
        r = self.radius_mm
        if not min(self.a[2], self.b[2]) - r < z_mm < max(self.a[2], self.b[2]) + r:
            return None
        (x0, x1), (y0, y1) = (sorted((self.a[k], self.b[k])) for k in (0, 1))
        return x0 - r, x1 + r, y0 - r, y1 + r

    def distance(self, z_mm: float, window: Window) -> Pixels32:
        ex, ey, ez = (q - p for p, q in zip(self.a, self.b, strict=True))
        length2 = max(ex * ex + ey * ey + ez * ez, 1e-6)
        dx = window.x - np.float32(self.a[0])
        dy = (window.y - np.float32(self.a[1]))[:, None]
        dz = np.float32(z_mm - self.a[2])
        h = dx * np.float32(ex / length2) + dy * np.float32(ey / length2)
        h += dz * np.float32(ez / length2)
        h = np.minimum(np.maximum(h, np.float32(0)), np.float32(1))
        px, py = dx - h * np.float32(ex), dy - h * np.float32(ey)
        pz = dz - h * np.float32(ez)
        out: Pixels32 = np.sqrt(px * px + py * py + pz * pz) - np.float32(self.radius_mm)
        return out


@dataclass(frozen=True)
class Disc:
    """An ellipse between two heights: a tibial tray, a polyethylene spacer."""

    section: Ellipse
    low_mm: float
    high_mm: float

    def reach(self, z_mm: float) -> Box | None:
        return _around(self.section) if self.low_mm <= z_mm < self.high_mm else None

    def distance(self, z_mm: float, window: Window) -> Pixels32:
        if not self.low_mm <= z_mm < self.high_mm:
            return _nothing(window)
        return distance(self.section, window)


@dataclass(frozen=True)
class Blade:
    """A thin upright plate through a point, as long as the tray allows at its top: fins, bone plates.

    direction: of the unit vector along the plate, x and y; half_low_mm, half_high_mm: half its length at
    both heights.
    """

    x: float
    y: float
    direction: tuple[float, float]
    low_mm: float
    high_mm: float
    half_low_mm: float
    half_high_mm: float
    half_thickness_mm: float

    def reach(self, z_mm: float) -> Box | None:
        if not self.low_mm <= z_mm <= self.high_mm:
            return None
        half = max(self.half_low_mm, self.half_high_mm) + self.half_thickness_mm
        return self.x - half, self.x + half, self.y - half, self.y + half

    def distance(self, z_mm: float, window: Window) -> Pixels32:
        if not self.low_mm <= z_mm <= self.high_mm:
            return _nothing(window)
        part = (z_mm - self.low_mm) / max(self.high_mm - self.low_mm, 1e-6)
        half = self.half_low_mm + part * (self.half_high_mm - self.half_low_mm)
        ex, ey = self.direction
        flat = Rod(
            (self.x - half * ex, self.y - half * ey, z_mm),
            (self.x + half * ex, self.y + half * ey, z_mm),
            self.half_thickness_mm,
        )
        return flat.distance(z_mm, window)


@dataclass(frozen=True)
class Ball:
    """A ball, hollow if inner_mm is above 0, open on the side of `opening` beyond the plane offset_mm.

    opening: unit vector x, y, z; points p with (p - centre) . opening > offset_mm are left out.
    """

    centre: Point
    radius_mm: float
    inner_mm: float = 0.0
    opening: Point = (0.0, 0.0, 0.0)
    offset_mm: float = 0.0

    def reach(self, z_mm: float) -> Box | None:
        x, y, z = self.centre
        r = self.radius_mm
        return (x - r, x + r, y - r, y + r) if abs(z_mm - z) < r else None

    def distance(self, z_mm: float, window: Window) -> Pixels32:
        x, y, z = self.centre
        dx, dy = window.x - np.float32(x), (window.y - np.float32(y))[:, None]
        dz = np.float32(z_mm - z)
        r = np.sqrt(dx * dx + dy * dy + dz * dz)
        out: Pixels32 = r - np.float32(self.radius_mm)
        if self.inner_mm > 0:
            out = np.maximum(out, np.float32(self.inner_mm) - r)
        ox, oy, oz = (np.float32(v) for v in self.opening)
        if ox or oy or oz:
            out = np.maximum(out, dx * ox + dy * oy + dz * oz - np.float32(self.offset_mm))
        return out


@dataclass(frozen=True, eq=False)
class Shell:
    """What two flat saw cuts leave of rounded solids: the femoral component of a knee arthroplasty.

    Metal lies in the union of `tubes` (grown by grown_mm) in front of the front cut, behind the back
    cut, and below the distal cut. A point's depth is its place along `backwards` (unit vector x, y)
    from `origin`. Above back_top_mm there is none behind.
    """

    tubes: tuple[Tube, ...]
    origin: tuple[float, float]
    backwards: tuple[float, float]
    front_mm: float
    back_mm: float
    distal_mm: float
    back_top_mm: float
    grown_mm: float = 1.0

    def reach(self, z_mm: float) -> Box | None:
        boxes = [
            _around(section, self.grown_mm)
            for tube in self.tubes
            if (section := tube.at(z_mm)) is not None
        ]
        if not boxes:
            return None
        x0, x1, y0, y1 = zip(*boxes, strict=True)
        return min(x0), max(x1), min(y0), max(y1)

    def distance(self, z_mm: float, window: Window) -> Pixels32:
        out = _nothing(window)
        for tube in self.tubes:
            section = tube.at(z_mm)
            if section is not None:
                np.minimum(out, _edge(section, window, self.grown_mm), out=out)
        if z_mm < self.distal_mm:
            return out
        (x, y), (bx, by) = self.origin, self.backwards
        depth = (window.x - np.float32(x)) * np.float32(bx)
        depth = depth + ((window.y - np.float32(y)) * np.float32(by))[:, None]
        bone = depth - np.float32(self.front_mm)
        if z_mm < self.back_top_mm:
            bone = np.minimum(bone, np.float32(self.back_mm) - depth)
        np.maximum(out, bone, out=out)
        return out


def _around(section: Ellipse, margin_mm: float = 0.0) -> Box:
    w, h = section.half_width + margin_mm, section.half_height + margin_mm
    return section.x - w, section.x + w, section.y - h, section.y + h


def _edge(section: Ellipse, window: Window, grown_mm: float) -> Pixels32:
    out = distance(section, window)
    out -= np.float32(grown_mm)
    return out


def _nothing(window: Window) -> Pixels32:
    return np.full((len(window.y), len(window.x)), _FAR, dtype=np.float32)
