"""Generalised cylinders along the body axis: the one shape that vessels, muscles and bones are made of.

A tube is an ellipse for every height z. In an axial plane its signed distance is approximated to first
order, (q - 1) / |grad q|, with q the ellipse's normalised radius: exact on the edge, where partial
volume is decided. Only +, -, *, / and square roots are used on pixels, which IEEE 754 defines to the
last bit, so the same tube gives the same pixels on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float = NDArray[np.float64]
Pixels32 = NDArray[np.float32]

STEP_MM = 2.0
"""Distance between the nodes of a tube."""


class Ellipse(NamedTuple):
    """A tube's section in one plane: q^2 = a dx^2 + 2 b dx dy + c dy^2, with q = 1 on the edge."""

    x: float
    y: float
    a: float
    b: float
    c: float

    @property
    def half_width(self) -> float:
        """Half the extent along x, mm."""
        return float((self.c / (self.a * self.c - self.b * self.b)) ** 0.5)

    @property
    def half_height(self) -> float:
        """Half the extent along y, mm."""
        return float((self.a / (self.a * self.c - self.b * self.b)) ** 0.5)

    @property
    def area(self) -> float:
        """Square millimetres."""
        return float(np.pi / (self.a * self.c - self.b * self.b) ** 0.5)

    def grown(self, factor: float) -> Ellipse:
        """The ellipse with its radii multiplied by `factor`."""
        s = 1.0 / (factor * factor)
        return Ellipse(self.x, self.y, self.a * s, self.b * s, self.c * s)


@dataclass(frozen=True, eq=False)
class Tube:
    """Ellipses at the heights low_mm + i * STEP_MM.

    nodes: (n, 5) columns x, y (centre, mm), r1, r2 (radii in the plane across the tube, mm), angle
    (radians from x towards y of the axis of r1).
    oblique: the radii are measured across the tube's own course, so a slanting tube is cut longer by an
    axial plane; otherwise they are radii in the axial plane.
    """

    low_mm: float
    nodes: Float
    oblique: bool = False

    def capped(self, length_mm: float) -> Tube:
        """The tube with both ends rounded off over `length_mm`."""
        end = np.minimum(self.z_mm - self.low_mm, self.high_mm - self.z_mm) / length_mm
        factor = np.sqrt(np.clip(end * (2 - np.minimum(end, 1)), 0.03, 1))
        nodes = self.nodes.copy()
        nodes[:, 2:4] *= factor[:, None]
        return Tube(self.low_mm, np.round(nodes, 6), self.oblique)

    @property
    def high_mm(self) -> float:
        return self.low_mm + STEP_MM * (len(self.nodes) - 1)

    @cached_property
    def z_mm(self) -> Float:
        heights: Float = self.low_mm + STEP_MM * np.arange(len(self.nodes), dtype=np.float64)
        return heights

    @cached_property
    def sections(self) -> Float:
        """(n, 5) rows of Ellipse, rounded so that libraries' last digits cannot matter."""
        x, y, r1, r2, angle = self.nodes.T
        r1, r2 = np.maximum(r1, 0.05), np.maximum(r2, 0.05)
        cos, sin = np.cos(angle), np.sin(angle)
        a = (cos / r1) ** 2 + (sin / r2) ** 2
        b = cos * sin * (r1**-2.0 - r2**-2.0)
        c = (sin / r1) ** 2 + (cos / r2) ** 2
        if self.oblique and len(x) > 1:
            a, b, c = _cut(a, b, c, np.gradient(x, STEP_MM), np.gradient(y, STEP_MM))
        rows: Float = np.round(np.stack([x, y, a, b, c], axis=1), 9)
        return rows

    def at(self, z_mm: float) -> Ellipse | None:
        """The section at `z_mm`, or None above or below the tube."""
        place = (z_mm - self.low_mm) / STEP_MM
        last = len(self.nodes) - 1
        if place < 0 or place > last:
            return None
        index = min(int(place), last - 1) if last else 0
        rows = self._rows
        low, high, f = rows[index], rows[min(index + 1, last)], place - index
        return Ellipse(*(p + (q - p) * f for p, q in zip(low, high, strict=True)))

    @cached_property
    def _rows(self) -> list[list[float]]:
        rows: list[list[float]] = self.sections.tolist()
        return rows

    def centre(self, z_mm: ArrayLike) -> Float:
        """(n, 2) x, y of the centreline at heights, held constant beyond the ends."""
        z = np.asarray(z_mm, dtype=np.float64)
        x = np.interp(z, self.z_mm, self.nodes[:, 0])
        return np.stack([x, np.interp(z, self.z_mm, self.nodes[:, 1])], axis=-1)

    def radii(self, z_mm: float) -> tuple[float, float]:
        """r1, r2 at a height."""
        r1 = np.interp(z_mm, self.z_mm, self.nodes[:, 2])
        return float(r1), float(np.interp(z_mm, self.z_mm, self.nodes[:, 3]))


def _cut(a: Float, b: Float, c: Float, dx: Float, dy: Float) -> tuple[Float, Float, Float]:
    """Coefficients of the axial section of tubes with the slopes dx/dz, dy/dz."""
    slope = np.sqrt(dx * dx + dy * dy)
    ex, ey = dx / np.maximum(slope, 1e-9), dy / np.maximum(slope, 1e-9)
    # A course that runs almost level would be cut over any length: limit the stretch to three times.
    k = np.maximum(1.0 / np.sqrt(1.0 + slope * slope), 1 / 3.0) - 1.0
    s11, s12, s22 = 1 + k * ex * ex, k * ex * ey, 1 + k * ey * ey
    m11, m12 = a * s11 + b * s12, a * s12 + b * s22
    m21, m22 = b * s11 + c * s12, b * s12 + c * s22
    return s11 * m11 + s12 * m21, s11 * m12 + s12 * m22, s12 * m12 + s22 * m22


class Window(NamedTuple):
    """A rectangle of pixels: index ranges and the coordinates of their centres (mm)."""

    rows: slice
    columns: slice
    x: Pixels32
    y: Pixels32

    @property
    def place(self) -> tuple[slice, slice]:
        return self.rows, self.columns


@dataclass(frozen=True, eq=False)
class Pixels:
    """The pixel centres of an axial plane: x_mm (columns,) to the left, y_mm (rows,) to the back."""

    x_mm: Float
    y_mm: Float

    @cached_property
    def size_mm(self) -> float:
        """The mean pixel edge: the width over which a soft edge runs."""
        dx = abs(self.x_mm[-1] - self.x_mm[0]) / max(1, len(self.x_mm) - 1)
        dy = abs(self.y_mm[-1] - self.y_mm[0]) / max(1, len(self.y_mm) - 1)
        return float((dx + dy) / 2)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.y_mm), len(self.x_mm)

    @cached_property
    def _x32(self) -> Pixels32:
        return self.x_mm.astype(np.float32)

    @cached_property
    def _y32(self) -> Pixels32:
        return self.y_mm.astype(np.float32)

    def window(self, x0: float, x1: float, y0: float, y1: float) -> Window | None:
        """The pixels with centres in the rectangle, or None if there are none."""
        i0, i1 = np.searchsorted(self.x_mm, (x0, x1)).tolist()
        j0, j1 = np.searchsorted(self.y_mm, (y0, y1)).tolist()
        if i0 >= i1 or j0 >= j1:
            return None
        return Window(slice(j0, j1), slice(i0, i1), self._x32[i0:i1], self._y32[j0:j1])

    def around(self, sections: list[Ellipse], margin_mm: float) -> Window | None:
        """The pixels around the ellipses with a margin; `sections` must not be empty."""
        return self.window(
            min(s.x - s.half_width for s in sections) - margin_mm,
            max(s.x + s.half_width for s in sections) + margin_mm,
            min(s.y - s.half_height for s in sections) - margin_mm,
            max(s.y + s.half_height for s in sections) + margin_mm,
        )


def radius(section: Ellipse, window: Window) -> Pixels32:
    """(rows, columns) normalised radius q: 0 in the centre, 1 on the edge."""
    dx, dy = window.x - np.float32(section.x), window.y - np.float32(section.y)
    a, b, c = np.float32(section.a), np.float32(2 * section.b), np.float32(section.c)
    q2 = (b * dy)[:, None] * dx
    q2 += a * dx * dx
    q2 += (c * dy * dy)[:, None]
    np.maximum(q2, np.float32(1e-8), out=q2)
    np.sqrt(q2, out=q2)
    return q2


def distance(section: Ellipse, window: Window) -> Pixels32:
    """(rows, columns) signed distance to the edge in mm, negative inside, exact near the edge."""
    dx, dy = window.x - np.float32(section.x), window.y - np.float32(section.y)
    a, b, c = np.float32(section.a), np.float32(section.b), np.float32(section.c)
    gx = (b * dy)[:, None] + a * dx
    gy = (c * dy)[:, None] + b * dx
    q2 = gx * dx
    q2 += gy * dy[:, None]
    gx *= gx
    gy *= gy
    gx += gy
    gx += np.float32(1e-12)
    np.sqrt(gx, out=gx)
    np.maximum(q2, np.float32(1e-8), out=q2)
    # (q - 1) q / |M h|, written as (q^2 - q) / |M h|.
    out: Pixels32 = q2 - np.sqrt(q2)
    out /= gx
    return out


def coverage(distance_mm: Pixels32, width_mm: float) -> Pixels32:
    """The part of a pixel inside an edge, 0 to 1, from its signed distance; `distance_mm` is reused."""
    distance_mm *= np.float32(-1.0 / width_mm)
    distance_mm += np.float32(0.5)
    np.maximum(distance_mm, np.float32(0), out=distance_mm)
    np.minimum(distance_mm, np.float32(1), out=distance_mm)
    return distance_mm


def hermite(knots: ArrayLike, values: ArrayLike, at: ArrayLike) -> Float:
    """Cubic interpolation through keyframes with finite-difference tangents that never overshoot.

    knots: (k,) increasing; values: (k, m); at: (n,), held constant beyond the ends -> (n, m).
    """
    t, v = np.asarray(knots, dtype=np.float64), np.asarray(values, dtype=np.float64)
    p = np.minimum(np.maximum(np.asarray(at, dtype=np.float64), t[0]), t[-1])
    if len(t) == 1:
        return np.repeat(v, len(p), axis=0)
    step = (t[1:] - t[:-1])[:, None]
    chord = (v[1:] - v[:-1]) / step
    slope = np.zeros_like(v)
    slope[0], slope[-1] = chord[0], chord[-1]
    if len(t) > 2:
        mean = (chord[:-1] * step[1:] + chord[1:] * step[:-1]) / (step[1:] + step[:-1])
        bound = 3 * np.minimum(np.abs(chord[:-1]), np.abs(chord[1:]))
        flat = chord[:-1] * chord[1:] <= 0
        slope[1:-1] = np.where(flat, 0.0, np.minimum(np.maximum(mean, -bound), bound))
    # One cubic a piece, in powers of the share of the piece that lies behind.
    rise, low, high = v[1:] - v[:-1], step * slope[:-1], step * slope[1:]
    cubic, square = low + high - 2 * rise, 3 * rise - 2 * low - high
    k = np.minimum(np.searchsorted(t, p, side="right") - 1, len(t) - 2)
    f = ((p - t[k]) / step[k, 0])[:, None]
    out: Float = cubic[k]
    out *= f
    out += square[k]
    out *= f
    out += low[k]
    out *= f
    out += v[k]
    return out
