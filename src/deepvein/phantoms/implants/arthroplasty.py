"""Knee and hip arthroplasties as solids of metal, cement and polyethylene in a person's leg.

Sizes are of usual adult implants (M), scaled with the skeleton: a femoral component 8 to 9 mm thick, a
tibial tray of 4 mm over a keel, a polyethylene insert of 9 mm; a cup of 50 to 54 mm, a head of 32 or
36 mm and a stem of 13 cm.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from deepvein.anatomy.veins import Side
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.solids import Ball, Blade, Disc, Pipe, Point, Rod, Shell, Solid
from deepvein.phantoms.shapes.tube import STEP_MM, Ellipse, Tube


class Material(Enum):
    """What an implant is made of, and what it leaves behind."""

    METAL = "metal"
    CEMENT = "cement"
    POLYETHYLENE = "polyethylene"
    SCAR = "scar"
    """Soft tissue where bone was removed."""


Part = tuple[Solid, Material]


@dataclass(frozen=True, eq=False)
class Site:
    """A leg in which to place solids given in the leg's frame (reference adult, mm)."""

    frame: Frame
    side: Side

    @property
    def size(self) -> float:
        """The factor on bones, as the skeleton has it."""
        return 0.5 * self.frame.person.size + 0.5 * self.frame.scale(self.side)

    def point(self, t: float, u: float, v: float, up_mm: float = 0.0) -> Point:
        (x,), (y,) = self.frame.place(self.side, t, u, v)
        z = float(self.frame.z(t)) + up_mm
        return round(float(x), 5), round(float(y), 5), round(z, 5)

    def backwards(self, t: float) -> tuple[float, float]:
        """Unit vector x, y of the leg's own back."""
        _, _, cos, sin = (float(a[0]) for a in self.frame.axis(self.side, t))
        sign = 1.0 if self.side is Side.LEFT else -1.0
        return round(-sign * sin, 6), round(cos, 6)

    def outwards(self, t: float) -> tuple[float, float]:
        bx, by = self.backwards(t)
        return (by, -bx) if self.side is Side.LEFT else (-by, bx)

    def ellipse(self, t: float, u: float, v: float, r1: float, r2: float) -> Ellipse:
        """r1 outwards, r2 backwards, mm of the reference adult."""
        x, y, _ = self.point(t, u, v)
        (ox, oy), (bx, by) = self.outwards(t), self.backwards(t)
        p, q = (r1 * self.size) ** -2.0, (r2 * self.size) ** -2.0
        a, b, c = ox * ox * p + bx * bx * q, ox * oy * p + bx * by * q, oy * oy * p + by * by * q
        return Ellipse(x, y, round(a, 9), round(b, 9), round(c, 9))

    def ball(self, t: float, u: float, v: float, r1: float, r2: float, r3: float) -> Tube:
        """An ellipsoid as a tube; r3 is its reach along the leg."""
        x, y, z = self.point(t, u, v)
        ox, oy = self.outwards(t)
        half = int(r3 * self.size / STEP_MM)
        offset = STEP_MM * np.arange(-half, half + 1)
        k = np.sqrt(np.maximum(0.02, 1 - (offset / (r3 * self.size)) ** 2)) * self.size
        turn = np.full(len(k), np.arctan2(oy, ox))
        same = np.ones(len(k))
        nodes = np.stack([same * x, same * y, r1 * k, r2 * k, turn], axis=1)
        return Tube(z + float(offset[0]), np.round(nodes, 6))


def knee(site: Site, rng: np.random.Generator) -> tuple[Part, ...]:
    """Total knee arthroplasty, one in ten unicondylar (medial), one in twelve with a long stem."""
    medial_only = draw.chance(rng, 0.1)
    long_stem = draw.chance(rng, 0.08)
    cemented = draw.chance(rng, 0.85)
    size = site.size * draw.normal(rng, 1.0, 0.03, 0.94, 1.06)
    insert = draw.uniform(rng, 8.0, 12.0)
    joint = float(site.frame.z(1.0))
    medial = site.ball(1.05, -22, 5, 15, 31, 22)
    lateral = site.ball(1.05, 23, 3, 14, 30, 21)
    keys = [
        (1.005, 0, -13, 14, 8, 0),
        (1.02, 0, -14, 21, 11, 0),
        (1.04, 0, -16, 28, 15, 0),
        (1.12, 2, -15, 19, 14, 0),
    ]
    trochlea = site.frame.tube([(*k[:5], 0.0) for k in keys], site.side, site.size).capped(4.0)
    x, y, _ = site.point(1.05, 0, 0)
    femoral = Shell(
        tubes=(medial,) if medial_only else (medial, lateral, trochlea),
        origin=(x, y),
        backwards=site.backwards(1.05),
        front_mm=-24 * size,
        back_mm=27.5 * size,
        distal_mm=joint + 8.5 * size,
        back_top_mm=joint + 30 * size,
    )
    u, half = (-20.0, 15.0) if medial_only else (0.0, 35.0)
    plateau = site.ellipse(0.97, u, -4, half, 23.5)
    top = joint + 0.5
    tray = top - insert - 4.0
    parts: list[Part] = [
        (Disc(plateau, tray, top), Material.SCAR),
        (Disc(plateau, tray + 4.0, top), Material.POLYETHYLENE),
        (femoral, Material.METAL),
    ]
    keel = 12.0 if medial_only else 110.0 if long_stem else 40.0
    head = site.point(0.97, u, -6)
    foot = site.point(0.97 if keel < 100 else 0.72, u - (4 if keel > 100 else 0), -6 - keel * 0.14)
    radius = 4.0 if medial_only else 6.5
    high, low = (head[0], head[1], tray - radius), (foot[0], foot[1], tray - keel)
    if cemented:
        parts += [
            (Disc(plateau, tray - 2.5, tray), Material.CEMENT),
            (Rod((*high[:2], high[2] - 2.0), low, radius + 2.0), Material.CEMENT),
        ]
    parts += [
        (Disc(plateau, tray, tray + 4.0), Material.METAL),
        (Rod(high, low, radius), Material.METAL),
    ]
    if not medial_only:
        (ox, oy), (bx, by) = site.outwards(0.97), site.backwards(0.97)
        for side in (1.0, -1.0):
            # Two fins run outwards and back from the keel.
            dx, dy = side * 0.87 * ox + 0.5 * bx, side * 0.87 * oy + 0.5 * by
            parts.append(
                (
                    Blade(
                        head[0] + 9 * dx,
                        head[1] + 9 * dy,
                        (round(dx, 6), round(dy, 6)),
                        tray - 28.0,
                        tray,
                        1.0,
                        11.0,
                        1.5,
                    ),
                    Material.METAL,
                )
            )
    return tuple(parts)


def hip(site: Site, rng: np.random.Generator) -> tuple[Part, ...]:
    """Total hip arthroplasty, one in six a hemiarthroplasty: a large head without a cup."""
    hemi = draw.chance(rng, 0.16)
    cemented = draw.chance(rng, 0.35)
    cup = site.size * draw.uniform(rng, 25.0, 27.0)
    ball = cup - 2.0 if hemi else draw.choose(rng, (14.0, 16.0, 18.0), (0.2, 0.45, 0.35))
    centre = site.point(2.0, -8, -38)
    (ox, oy), (bx, by) = site.outwards(2.0), site.backwards(2.0)
    # Abduction about 42 degrees, anteversion about 15.
    n = (0.64 * ox - 0.20 * bx, 0.64 * oy - 0.20 * by, -0.742)
    opening = (round(n[0], 6), round(n[1], 6), round(n[2], 6))
    neck_foot = site.point(1.935, 19, -19)
    stem = Pipe(
        site.frame.tube(
            [
                (1.61, 17, -24, 4.5, 4.5, 0),
                (1.7, 20, -23, 5.5, 5.5, 0),
                (1.82, 23, -16, 8, 6.5, 0),
                (1.9, 22, -15, 13, 7.5, 0),
                (1.94, 18, -19, 12, 7.5, 0),
            ],
            site.side,
            site.size,
        ).capped(4.0)
    )
    resected = site.point(1.965, 10, -27)
    parts: list[Part] = [
        (Rod(resected, centre, 17.0 * site.size), Material.SCAR),
        (Ball(centre, 25.5 * site.size), Material.SCAR),
    ]
    if cemented:
        parts.append((Pipe(stem.tube, 2.5), Material.CEMENT))
    if not hemi:
        parts += [
            (Ball(centre, cup - 3.0, 0.0, opening, 1.0), Material.POLYETHYLENE),
            (Ball(centre, cup, cup - 3.5, opening, 1.0), Material.METAL),
        ]
    parts += [
        (stem, Material.METAL),
        (Rod(neck_foot, centre, 6.5 * site.size), Material.METAL),
        (Ball(centre, ball), Material.METAL),
    ]
    if not hemi and draw.chance(rng, 0.35):
        (sx, sy), reach = (-0.35 * ox + 0.3 * bx, -0.35 * oy + 0.3 * by), cup + 22.0
        tip = (centre[0] + reach * sx, centre[1] + reach * sy, centre[2] + reach * 0.88)
        root = (centre[0] + cup * sx, centre[1] + cup * sy, centre[2] + cup * 0.88)
        parts.append((Rod(root, tip, 2.8), Material.METAL))
    return tuple(parts)
