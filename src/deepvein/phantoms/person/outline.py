"""The outlines of the legs and the trunk: deep fascia and skin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deepvein.anatomy.veins import Side
from deepvein.core.seeds import generator
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.oedema import Oedema, Swelling, swelling
from deepvein.phantoms.shapes.tube import Float, Pixels32, Window, hermite

# t, then the fascia's reach from the leg's axis outwards, inwards, forwards, backwards (mm).
_FASCIA = np.array(
    (
        (-0.1, 34, 36, 40, 60),
        (0.0, 32, 34, 36, 49),
        (0.12, 31, 31, 34, 42),
        (0.35, 37, 26, 39, 40),
        (0.55, 47, 40, 51, 49),
        (0.7, 54, 52, 52, 56),
        (0.88, 48, 47, 44, 56),
        (1.0, 51, 51, 48, 54),
        (1.07, 51, 52, 62, 56),
        (1.15, 52, 54, 61, 60),
        (1.25, 59, 59, 63, 71),
        (1.5, 75, 76, 79, 82),
        (1.8, 84, 89, 89, 86),
        (2.0, 84, 80, 88, 84),
        (2.2, 80, 70, 84, 84),
    )
)
# t, mean thickness of the subcutaneous fat (mm) and how much it grows outwards and backwards.
_FAT = np.array(
    (
        (-0.1, 4, 0, 1),
        (0.0, 4, 0, 1),
        (0.3, 6, -1, 2),
        (0.7, 8, -1.5, 2),
        (1.0, 7, -2.5, 1),
        (1.25, 9.5, -2, 0.5),
        (1.5, 12, -1.5, 2),
        (1.8, 16, 1, 4),
        (2.0, 19, 3, 4),
    )
)
# t, half width, reach to the front and to the back of the trunk's fascia (mm).
_TRUNK = np.array(
    (
        (1.8, 150, 78, 92),
        (1.9, 171, 92, 100),
        (2.0, 174, 100, 100),
        (2.15, 171, 101, 102),
        (2.35, 160, 103, 103),
        (2.6, 150, 104, 98),
        (2.9, 141, 107, 93),
        (3.4, 137, 108, 90),
    )
)
# t, fat of the trunk at the side, in front, behind (mm).
_TRUNK_FAT = np.array(((1.8, 12, 8, 16), (2.0, 20, 12, 20), (2.4, 18, 18, 20), (3.0, 17, 20, 16)))

_SQUARE = 0.30
"""How square the trunk is: 0 an ellipse."""


@dataclass(frozen=True, eq=False)
class LegOutline:
    """Fascia and skin of one leg as r(direction) around its axis."""

    frame: Frame
    side: Side
    oedema: tuple[Oedema, ...] = ()

    def swelling(self, t: float) -> Swelling:
        return swelling(self.oedema, self.side, float(self.frame.z(t)))

    def fascia(self, t: float, cos: Any, sin: Any) -> Any:
        """Radius (mm) of the fascia in directions (cosine outwards, sine backwards)."""
        return _wave(self._reaches(t), cos, sin)

    def _reaches(self, t: float) -> Float:
        row = hermite(_FASCIA[:, 0], _FASCIA[:, 1:], [t])[0] * self.frame.scale(self.side)
        out: Float = row * self.swelling(t).swell
        return out

    def fat(self, t: float, cos: Any, sin: Any) -> Any:
        """Thickness (mm) of the subcutaneous fat and skin."""
        person = self.frame.person
        f0, fc, fs = hermite(_FAT[:, 0], _FAT[:, 1:], [t])[0]
        k = person.fat * person.limb(self.side).fat
        skin = 2.0 + self.swelling(t).thicken_mm
        return _float(skin + k * f0) + _float(k * fc) * cos + _float(k * fs) * sin

    def distances(self, t: float, window: Window) -> tuple[Pixels32, Pixels32]:
        """(rows, columns) signed distances in mm to the skin and to the fascia, negative inside."""
        x, y, cos, sin = (float(a[0]) for a in self.frame.axis(self.side, t))
        sign = 1.0 if self.side is Side.LEFT else -1.0
        dx, dy = window.x - np.float32(x), window.y - np.float32(y)
        u = (dx * _float(sign * cos)) + (dy * _float(sin))[:, None]
        v = (dx * _float(-sign * sin)) + (dy * _float(cos))[:, None]
        rho = np.sqrt(u * u + v * v + np.float32(1e-3))
        u /= rho
        v /= rho
        # Above the hip joint the leg's outline sinks into the trunk's.
        fascia = rho - self.fascia(t, u, v) + _float(150.0 * max(0.0, t - 1.95))
        return fascia - self.fat(t, u, v), fascia

    def width_mm(self, t: float) -> float:
        """From the axis to the skin on the outer side, with a margin for the leg's turn."""
        return float(self.fascia(t, 1.0, 0.0)) + float(self.fat(t, 1.0, 0.0)) + 3.0

    def reach_mm(self, t: float) -> float:
        """No point of the skin lies further from the axis."""
        fat = hermite(_FAT[:, 0], _FAT[:, 1:], [t])[0]
        k = self.frame.person.fat * self.frame.person.limb(self.side).fat
        skin = 4 + self.swelling(t).thicken_mm
        return float(1.15 * self._reaches(t).max() + skin + k * np.abs(fat).sum())


def _wave(row: Float, cos: Any, sin: Any) -> Any:
    outwards, inwards, forwards, backwards = row
    r0 = (outwards + inwards + forwards + backwards) / 4
    r2 = (outwards + inwards - forwards - backwards) / 4
    c1, s1 = (outwards - inwards) / 2, (backwards - forwards) / 2
    # r2 multiplies cos(2 angle) = 2 cos^2 - 1.
    return _float(r0 - r2) + cos * (_float(c1) + _float(2 * r2) * cos) + _float(s1) * sin


def _float(value: float) -> np.float32:
    return np.float32(value)


@dataclass(frozen=True, eq=False)
class TrunkOutline:
    """Fascia and skin of pelvis and abdomen, ending in the perineum."""

    frame: Frame

    def _radii(self, t: float) -> tuple[Float, Float]:
        p = self.frame.person
        row = hermite(_TRUNK[:, 0], _TRUNK[:, 1:], [t])[0]
        row = row * np.array([0.5 * p.pelvis_width + 0.5 * p.girth, p.girth, p.girth])
        # The belly grows with the body mass index, above all in front.
        belly = max(0.0, p.bmi - 23) * float(np.interp(t, (2.2, 2.8), (0.0, 1.0)))
        row = row + belly * np.array([2.0, 3.2, 0.5])
        fat = hermite(_TRUNK_FAT[:, 0], _TRUNK_FAT[:, 1:], [t])[0] * p.fat + 2.0
        if t < 1.92:
            # The perineum: round below.
            k = np.sqrt(max(1e-4, 1 - ((1.92 - t) / 0.09) ** 2))
            row, fat = row * k, fat * k
        return row, fat

    def distances(self, t: float, window: Window) -> tuple[Pixels32, Pixels32]:
        """(rows, columns) signed distances in mm to the skin and to the fascia, negative inside."""
        (width, front, back), fat = self._radii(t)
        fascia = _oval(window, width, front, back)
        return _oval(window, width + fat[0], front + fat[1], back + fat[2]), fascia

    def extent(self, t: float) -> tuple[float, float, float]:
        """Half width, reach to the front and to the back of the skin (mm)."""
        row, fat = self._radii(t)
        width, front, back = (row + fat).tolist()
        return width, front, back


def _oval(window: Window, width: float, front: float, back: float) -> Pixels32:
    centre, depth = (back - front) / 2, (back + front) / 2
    X = window.x * np.float32(1 / width)
    Y = (window.y - np.float32(centre)) * np.float32(1 / depth)
    k = np.float32(_SQUARE)
    X2, Y2 = X * X, (Y * Y)[:, None]
    # The corners are filled out only near the edge: further out the product would win.
    corner = (k * np.minimum(X2, 1)) * np.minimum(Y2, 1)
    q2 = np.asarray(X2 + Y2 - corner, dtype=np.float32)
    np.maximum(q2, np.float32(1e-6), out=q2)
    q = np.sqrt(q2)
    gx = X * np.float32(1 / width) * (1 - k * Y2)
    gy = Y[:, None] * np.float32(1 / depth) * (1 - k * X2)
    slope = np.sqrt(gx * gx + gy * gy + np.float32(1e-12))
    return np.asarray((q2 - q) / slope, dtype=np.float32)


def wobble(seed: int, name: str, knots: int) -> Float:
    """(knots, 2) smooth random numbers with SD 1 that vanish at both ends."""
    values = generator(seed, "anatomy", "wobble", name).standard_normal((knots, 2))
    values[0] = values[-1] = 0.0
    return np.round(values, 6)
