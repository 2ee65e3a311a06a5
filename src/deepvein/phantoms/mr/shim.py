"""Where the magnetic field is uneven, and fat suppression fails."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from deepvein.anatomy.veins import Side
from deepvein.core.seeds import generator
from deepvein.phantoms.mr.settings import MrSettings
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.tube import Pixels, Pixels32, Window


@dataclass(frozen=True)
class UnevenField:
    """A ball in the patient (mm) within which suppression fails, most of all in its centre.

    strength: failure there, 1 or more for whole. swapped: the pulse hits water there instead of fat.
    """

    x: float
    y: float
    z: float
    radius: float
    strength: float
    swapped: bool = False

    def at(self, z_mm: float, pixels: Pixels) -> Pixels32 | None:
        """(rows, columns) failure, 0 to `strength`, in an axial plane; None outside the ball."""
        dz = (z_mm - self.z) / self.radius
        if abs(dz) >= 1:
            return None
        dx = ((pixels.x_mm - self.x) / self.radius).astype(np.float32)
        dy = ((pixels.y_mm - self.y) / self.radius).astype(np.float32)
        inside = np.float32(1 - dz * dz) - dx * dx - (dy * dy)[:, None]
        np.maximum(inside, np.float32(0), out=inside)
        inside *= inside * np.float32(self.strength)
        return inside


@dataclass(frozen=True)
class Shim:
    """All places of a study where the field is uneven."""

    places: tuple[UnevenField, ...]

    def window(self, z_mm: float, pixels: Pixels, around_mm: float = 0.0) -> Window | None:
        """The pixels that uneven places reach in axial planes up to `around_mm` away, or None."""
        boxes = [
            (p.x - p.radius, p.x + p.radius, p.y - p.radius, p.y + p.radius)
            for p in self.places
            if abs(z_mm - p.z) < p.radius + around_mm
        ]
        if not boxes:
            return None
        x0, x1, y0, y1 = zip(*boxes, strict=True)
        window = pixels.window(min(x0), max(x1), min(y0), max(y1))
        if window is None or min(len(window.x), len(window.y)) < 3:
            return None
        return window

    def failure(self, z_mm: float, pixels: Pixels, swapped: bool = False) -> Pixels32 | None:
        """(rows, columns) 0 to 1, how far suppression of fat (or sparing of water) fails; None: nowhere."""
        total: Pixels32 | None = None
        for place in self.places:
            part = place.at(z_mm, pixels) if place.swapped is swapped else None
            if part is not None:
                total = part if total is None else np.add(total, part, out=total)
        return None if total is None else np.minimum(total, np.float32(1), out=total)


# Landmark coordinate, u outwards and v backwards (mm, reference leg), radius, weight: where skin curves
# and air, bone or the magnet's end is near (M).
_PLACES = (
    (2.03, 88.0, 10.0, 58.0, 1.0),  # outer hip
    (1.93, -70.0, -20.0, 60.0, 0.9),  # groin and inner thigh
    (1.75, 70.0, 35.0, 60.0, 0.6),  # outer thigh
    (1.03, 0.0, -55.0, 45.0, 1.2),  # kneecap
    (1.0, 52.0, 0.0, 40.0, 0.8),  # edges of the knee
    (1.0, -52.0, 0.0, 40.0, 0.8),
    (0.55, -50.0, 0.0, 45.0, 0.4),  # inner calf
    (0.1, 0.0, 15.0, 60.0, 1.3),  # ankle and heel
)


_CLOUD = 3
"""Balls that make one uneven place, so that none is round."""


def sample_shim(seed: int, frame: Frame, ends_mm: tuple[float, ...], settings: MrSettings) -> Shim:
    """`ends_mm`: heights of the stations' ends, where the field is least even."""
    rng = generator(seed, "acquisition", "shim")
    out: list[UnevenField] = []
    for side in (Side.RIGHT, Side.LEFT):
        for t, u, v, radius, weight in _PLACES:
            x, y = (float(a[0]) for a in frame.place(side, [t], [u], [v]))
            size = radius * draw.lognormal(rng, 1, 0.25, 0.6, 1.8)
            centre = (x, y, float(frame.z(t)) + draw.normal(rng, 0, 12))
            cloud = _cloud(rng, centre, size, draw.uniform(rng, 0.25, 1.4))
            if draw.chance(rng, min(1.0, settings.fat_failure * weight)):
                out += cloud
    for end in ends_mm:
        for sign in (-1, 1):
            centre = (sign * draw.uniform(rng, 100, 200), draw.uniform(rng, -60, 60), end)
            cloud = _cloud(rng, centre, draw.uniform(rng, 40, 90), draw.uniform(rng, 0.2, 1.2))
            if draw.chance(rng, 0.6 * settings.fat_failure):
                out += cloud
    t, side = draw.uniform(rng, 0.1, 2.2), Side.LEFT if draw.chance(rng, 0.5) else Side.RIGHT
    x, y = (float(a[0]) for a in frame.place(side, [t], [0.0], [0.0]))
    centre = (x + draw.normal(rng, 0, 40), y, float(frame.z(t)))
    cloud = _cloud(rng, centre, draw.uniform(rng, 40, 90), draw.uniform(rng, 0.8, 1.6))
    if draw.chance(rng, settings.water_swap_share):
        out += [replace(place, swapped=True) for place in cloud]
    return Shim(tuple(out))


def _cloud(
    rng: np.random.Generator, centre: tuple[float, float, float], size_mm: float, strength: float
) -> list[UnevenField]:
    out = []
    for _ in range(_CLOUD):
        x, y, z = (round(c + size_mm * draw.normal(rng, 0, 0.35, -0.7, 0.7), 3) for c in centre)
        radius = round(size_mm * draw.uniform(rng, 0.6, 1.0), 3)
        out.append(UnevenField(x, y, z, radius, round(strength * draw.uniform(rng, 0.5, 1.0), 6)))
    return out
