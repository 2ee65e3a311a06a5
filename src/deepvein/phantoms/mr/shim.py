"""Where the magnetic field is uneven, and fat suppression fails."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.anatomy.veins import Side
from deepvein.core.seeds import generator
from deepvein.phantoms import draw
from deepvein.phantoms.frame import Frame
from deepvein.phantoms.mr.settings import MrSettings
from deepvein.phantoms.tube import Pixels, Pixels32, Window


@dataclass(frozen=True)
class UnevenField:
    """A ball in the patient (mm) within which suppression fails, wholly near its centre.

    swapped: the pulse hits water there instead of fat.
    """

    x: float
    y: float
    z: float
    radius: float
    strength: float
    swapped: bool = False

    def at(self, z_mm: float, pixels: Pixels) -> Pixels32 | None:
        """(rows, columns) failure, 0 to 1, in an axial plane; None outside the ball."""
        dz = (z_mm - self.z) / self.radius
        if abs(dz) >= 1:
            return None
        dx = ((pixels.x_mm - self.x) / self.radius).astype(np.float32)
        dy = ((pixels.y_mm - self.y) / self.radius).astype(np.float32)
        inside = np.float32(1 - dz * dz) - dx * dx - (dy * dy)[:, None]
        np.maximum(inside, np.float32(0), out=inside)
        inside *= inside * np.float32(self.strength)
        return np.minimum(inside, np.float32(1), out=inside)


@dataclass(frozen=True)
class Shim:
    """All places of a study where the field is uneven."""

    places: tuple[UnevenField, ...]

    def window(self, z_mm: float, pixels: Pixels) -> Window | None:
        """The pixels that uneven places reach in an axial plane, or None."""
        boxes = [
            (p.x - p.radius, p.x + p.radius, p.y - p.radius, p.y + p.radius)
            for p in self.places
            if abs(z_mm - p.z) < p.radius
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
                total = part if total is None else np.maximum(total, part, out=total)
        return total


# Landmark coordinate, u outwards and v backwards (mm, reference leg), radius, weight: where skin curves
# and air, bone or the magnet's end is near (M).
_PLACES = (
    (2.03, 85.0, 10.0, 75.0, 1.0),  # outer hip
    (1.93, -70.0, -20.0, 60.0, 0.9),  # groin and inner thigh
    (1.75, 70.0, 35.0, 60.0, 0.6),  # outer thigh
    (1.03, 0.0, -55.0, 45.0, 1.2),  # kneecap
    (1.0, 52.0, 0.0, 40.0, 0.8),  # edges of the knee
    (1.0, -52.0, 0.0, 40.0, 0.8),
    (0.55, -50.0, 0.0, 45.0, 0.4),  # inner calf
    (0.1, 0.0, 15.0, 60.0, 1.3),  # ankle and heel
)


def sample_shim(seed: int, frame: Frame, ends_mm: tuple[float, ...], settings: MrSettings) -> Shim:
    """`ends_mm`: heights of the stations' ends, where the field is least even."""
    rng = generator(seed, "acquisition", "shim")
    out = []
    for side in (Side.RIGHT, Side.LEFT):
        for t, u, v, radius, weight in _PLACES:
            present = draw.chance(rng, min(1.0, settings.fat_failure * weight))
            x, y = (float(a[0]) for a in frame.place(side, [t], [u], [v]))
            place = UnevenField(
                x=round(x + draw.normal(rng, 0, 8), 3),
                y=round(y + draw.normal(rng, 0, 8), 3),
                z=round(float(frame.z(t)) + draw.normal(rng, 0, 12), 3),
                radius=round(radius * draw.lognormal(rng, 1, 0.25, 0.6, 1.8), 3),
                strength=draw.uniform(rng, 0.6, 3.0),
            )
            if present:
                out.append(place)
    for end in ends_mm:
        for sign in (-1, 1):
            present = draw.chance(rng, 0.6 * settings.fat_failure)
            place = UnevenField(
                x=round(sign * draw.uniform(rng, 110, 200), 3),
                y=draw.uniform(rng, -40, 60),
                z=round(end, 3),
                radius=draw.uniform(rng, 40, 90),
                strength=draw.uniform(rng, 0.5, 2.0),
            )
            if present:
                out.append(place)
    swapped = draw.chance(rng, settings.water_swap_share)
    t, side = draw.uniform(rng, 0.1, 2.2), Side.LEFT if draw.chance(rng, 0.5) else Side.RIGHT
    x, y = (float(a[0]) for a in frame.place(side, [t], [0.0], [0.0]))
    place = UnevenField(
        round(x + draw.normal(rng, 0, 40), 3),
        round(y, 3),
        round(float(frame.z(t)), 3),
        draw.uniform(rng, 40, 90),
        draw.uniform(rng, 1.0, 2.5),
        swapped=True,
    )
    if swapped:
        out.append(place)
    return Shim(tuple(out))
