"""Nails, plates and screws that hold broken bones, as solids of metal.

Calibres are those of usual implants (M): nails of 10 to 12 mm, locking screws of 5 mm, plates of 4 mm
with screws of 3.5 to 4.5 mm, a lag screw of 10 mm, cannulated screws of 7 mm.
"""

from __future__ import annotations

import numpy as np

from deepvein.phantoms.implants.arthroplasty import Material, Part, Site
from deepvein.phantoms.person.frame import Key
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.solids import Blade, Pipe, Rod, Solid

_FEMUR: tuple[Key, ...] = (
    (1.1, 2, -13, 5.5, 5.5, 0),
    (1.3, 3, -17, 5.5, 5.5, 0),
    (1.5, 14, -25, 5.5, 5.5, 0),
    (1.75, 22, -22, 5.5, 5.5, 0),
    (1.86, 25, -12, 5.5, 5.5, 0),
    (1.96, 34, -8, 6.5, 6.5, 0),
)
_TIBIA: tuple[Key, ...] = (
    (0.07, -9, -8, 4.5, 4.5, 0),
    (0.35, -9, -23, 5, 5, 0),
    (0.6, -8, -29, 5, 5, 0),
    (0.86, -3, -22, 5, 5, 0),
    (0.94, 0, -24, 5, 5, 0),
)


def femoral_nail(site: Site, rng: np.random.Generator) -> tuple[Part, ...]:
    """A long nail with locking screws, or a short one, with a lag screw into the femoral head."""
    lag, short = draw.chance(rng, 0.6), draw.chance(rng, 0.5)
    keys = _FEMUR[2:] if lag and short else _FEMUR
    solids: list[Solid] = [Pipe(site.frame.tube(keys, site.side, 1.0).capped(4.0))]
    at, u, v, *_ = keys[0]
    solids += [_across(site, at + 0.03 + 0.04 * k, u, v, 30.0 - 8 * (at > 1.2)) for k in (0, 1)]
    if lag:
        solids.append(Rod(site.point(1.875, 44, -6), site.point(2.0, -1, -34), 5.2))
    else:
        solids.append(Rod(site.point(1.93, 46, -5), site.point(1.88, 10, -10), 2.5))
    return _metal(solids)


def tibial_nail(site: Site, rng: np.random.Generator) -> tuple[Part, ...]:
    """A nail down the medullary canal with two locking screws at either end."""
    solids: list[Solid] = [Pipe(site.frame.tube(_TIBIA, site.side, 1.0).capped(4.0))]
    for t, u, v, half in ((0.1, -9, -10, 16.0), (0.15, -10, -13, 14.0), (0.85, -4, -23, 26.0)):
        solids.append(_across(site, t + draw.uniform(rng, -0.01, 0.01), u, v, half))
    return _metal(solids)


def tibial_plate(site: Site, rng: np.random.Generator) -> tuple[Part, ...]:
    """A lateral plate below the knee, its screws under the joint line and down the shaft."""
    (ox, oy), (bx, by) = site.outwards(0.9), site.backwards(0.9)
    low = draw.uniform(rng, 0.62, 0.75)
    foot, head = site.point(low, 12, -26), site.point(0.94, 38, -8)
    solids: list[Solid] = []
    steps = 8
    for k in range(steps):
        a, b = (k / steps, (k + 1) / steps)
        x, y = (f + (h - f) * a * a for f, h in zip(foot[:2], head[:2], strict=True))
        z0, z1 = (foot[2] + (head[2] - foot[2]) * part for part in (a, b))
        solids.append(Blade(x, y, (bx, by), z0, z1, 6.0, 6.0, 2.0))
        if k % 2 == 0:
            solids.append(Rod((x, y, z0), (x - 26 * ox, y - 26 * oy, z0), 1.9))
    solids += [
        Rod(site.point(0.945, 38, v), site.point(0.95, -24, v), 1.9) for v in (-16.0, -6.0, 4.0)
    ]
    return _metal(solids)


def ankle_plate(site: Site, rng: np.random.Generator) -> tuple[Part, ...]:
    """A thin plate on the distal fibula with screws, and two in the medial malleolus."""
    (ox, oy), (bx, by) = site.outwards(0.1), site.backwards(0.1)
    x, y, low = site.point(0.0, 32, 6)
    high = float(site.frame.z(0.2))
    solids: list[Solid] = [Blade(x, y, (bx, by), low, high, 5.0, 5.0, 1.3)]
    count = draw.choose(rng, (5, 6, 7), (1, 1, 1))
    for k in range(count):
        z = low + 4 + (high - low - 8) * k / (count - 1)
        # A screw through both bones holds the syndesmosis.
        depth = 42.0 if k == 2 else 14.0
        solids.append(Rod((x, y, z), (x - depth * ox, y - depth * oy, z), 1.75))
    solids.append(Rod(site.point(-0.03, -23, -8), site.point(0.07, -12, -10), 2.0))
    solids.append(Rod(site.point(-0.03, -22, 0), site.point(0.07, -11, -4), 2.0))
    return _metal(solids)


def hip_screws(site: Site, rng: np.random.Generator) -> tuple[Part, ...]:
    """Three cannulated screws through the neck of the femur."""
    del rng
    solids: list[Solid] = [
        Rod(site.point(1.88 + dt, 42, -6 + dv), site.point(1.985 + dt, -6, -34 + dv), 3.3)
        for dt, dv in ((0.0, 0.0), (0.025, -6.0), (0.025, 6.0))
    ]
    return _metal(solids)


FIXATIONS = {
    "femoral nail": (femoral_nail, 0.3),
    "tibial nail": (tibial_nail, 0.2),
    "tibial plate": (tibial_plate, 0.15),
    "ankle plate": (ankle_plate, 0.25),
    "hip screws": (hip_screws, 0.1),
}
"""What is built in and its share among osteosyntheses (M)."""


def _across(site: Site, t: float, u: float, v: float, half: float) -> Solid:
    return Rod(site.point(t, u - half, v), site.point(t, u + half, v), 2.5)


def _metal(solids: list[Solid]) -> tuple[Part, ...]:
    return tuple((solid, Material.METAL) for solid in solids)
