"""The part of a thrombus that lies in one vein: its shape along the vein and in a section."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from deepvein.phantoms.shapes.tube import Ellipse, Pixels32, Window, coverage, distance

RIPPLE_MM = 12.0
_BLEND_MM = 10.0


@dataclass(frozen=True)
class ClotSection:
    """A thrombus in one plane of a vein.

    widening: factor on the vein's radii; fill: the thrombus's radius over the (widened) lumen's, so that
    fill squared is its share of the area (more than 1: nothing stays open); offset: shift of its centre
    over the lumen's radius, along x and y. mural: it coats the wall on the side of `offset` and leaves a
    round channel on the other. web: it bears a band across the channel.
    """

    widening: float
    fill: float
    offset: tuple[float, float]
    mural: bool = False
    web: bool = False

    def part(
        self, lumen: Ellipse, window: Window, width_mm: float, rough_mm: Pixels32 | float = 0.0
    ) -> Pixels32:
        """(rows, columns) 0 to 1: the thrombus's part of each pixel, before it is cut to the lumen.

        lumen: already widened; width_mm: over which its margin runs; rough_mm: moves the margin.
        """
        if not self.mural:
            section = _moved(lumen.grown(self.fill), lumen, self.offset, 1.0)
            return coverage(distance(section, window) + np.float32(0) + rough_mm, width_mm)
        channel = max(0.05, sqrt(max(0.0, 1 - self.fill * self.fill)))
        away = sqrt(self.offset[0] ** 2 + self.offset[1] ** 2)
        room = -(1 - channel) / away if away > 0 else 0.0
        open_part = _moved(lumen.grown(channel), lumen, self.offset, room)
        out = 1 - coverage(distance(open_part, window) + np.float32(0) - rough_mm, width_mm)
        if self.web and away > 0:
            np.maximum(out, self._band(open_part, window, width_mm, away), out=out)
        return out

    def _band(self, channel: Ellipse, window: Window, width_mm: float, away: float) -> Pixels32:
        ux, uy = np.float32(self.offset[0] / away), np.float32(self.offset[1] / away)
        across = (window.x - np.float32(channel.x)) * uy
        off = np.abs(across - ((window.y - np.float32(channel.y)) * ux)[:, None])
        return coverage(off - np.float32(0.8), width_mm)


def _moved(section: Ellipse, lumen: Ellipse, offset: tuple[float, float], k: float) -> Ellipse:
    return section._replace(
        x=lumen.x + k * offset[0] * lumen.half_width, y=lumen.y + k * offset[1] * lumen.half_height
    )


@dataclass(frozen=True)
class Clot:
    """The part of a thrombus that lies in one vein; it ends where the vein ends.

    widening_mm: added to the lumen's diameter in its middle, negative for contracted veins; small veins
    change in proportion, veins wider than 8 mm widen less.
    fill: radius of the thrombus over that of the lumen; ripple: how fill varies every 12 mm.
    tail_mm: length of the upper end that floats free in the middle of the lumen, tail_fill thick.
    webs: ranges of z (mm) in which a mural clot bears a band across the channel.
    """

    vessel: str
    low_mm: float
    high_mm: float
    widening_mm: float
    fill: float
    offset: tuple[float, float]
    taper_mm: float
    ripple: tuple[float, ...] = field(repr=False, default=(0.0, 0.0))
    mural: bool = False
    tail_mm: float = 0.0
    tail_fill: float = 0.45
    webs: tuple[tuple[float, float], ...] = ()

    def at(self, z_mm: float, radius_mm: float) -> ClotSection | None:
        """The section at a height where the vein's mean radius is `radius_mm`; None outside."""
        if not self.low_mm < z_mm < self.high_mm:
            return None
        end = min(z_mm - self.low_mm, self.high_mm - z_mm)
        k = min(1.0, end / self.taper_mm)
        body_end = min(z_mm - self.low_mm, max(0.0, self.high_mm - self.tail_mm - z_mm))
        grow = min(1.0, body_end / (1.5 * self.taper_mm))
        # 0 in the body of the thrombus, 1 in its floating tail.
        tail = self.tail_mm - (self.high_mm - z_mm)
        afloat = min(1.0, max(0.0, tail / _BLEND_MM)) if self.tail_mm > 0 else 0.0
        fill = self.fill + (min(self.fill, self.tail_fill) - self.fill) * afloat
        fill = min(1.03, max(0.15, fill + self._ripple(z_mm))) * sqrt(k * (2 - k))
        widening = max(0.6, 1 + grow * self._widening(radius_mm) / (2 * radius_mm))
        room = max(0.0, 1 - fill) * (1 - 0.8 * afloat)
        if self.mural:
            room = 1.0
        return ClotSection(
            widening,
            fill,
            (self.offset[0] * room, self.offset[1] * room),
            self.mural,
            any(low < z_mm < high for low, high in self.webs),
        )

    def _widening(self, radius_mm: float) -> float:
        # A filled calf vein reaches some 5 mm, thrombi of the iliac veins 9 to 12 mm from front to back
        # (Bosson 1998): less than those veins have when they are open.
        limit = (1.2 if self.widening_mm > 0 else 0.7) * radius_mm
        return max(-limit, min(limit, self.widening_mm)) - 1.4 * max(0.0, radius_mm - 4.0)

    def _ripple(self, z_mm: float) -> float:
        place = min((z_mm - self.low_mm) / RIPPLE_MM, len(self.ripple) - 1.001)
        i = int(place)
        return self.ripple[i] + (self.ripple[i + 1] - self.ripple[i]) * (place - i)
