"""Organs of the pelvis, tendons, joint capsules and lymph nodes: all that is neither muscle nor fat."""

from __future__ import annotations

from deepvein.anatomy.tissues import Tissue
from deepvein.anatomy.veins import Side
from deepvein.core.seeds import generator
from deepvein.phantoms.person.frame import Frame, Key
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.tube import Tube

Organ = tuple[Tissue, Tube]

_ROUND = (
    (-1.0, 0.15),
    (-0.75, 0.66),
    (-0.4, 0.92),
    (0.0, 1.0),
    (0.4, 0.92),
    (0.75, 0.66),
    (1.0, 0.15),
)
"""Heights and radii of a ball."""
_TENDONS: tuple[tuple[Key, ...], ...] = (
    (
        (0.955, 0, -4, 36, 23, 0),
        (0.98, 0, -3, 37, 25, 0),
        (1.015, 0, 0, 37, 26, 0),
        (1.03, 0, 2, 30, 22, 0),
    ),
    (
        (0.9, 2, -44, 8, 3, 0),
        (0.95, 3, -46, 12, 3, 0),
        (1.02, 3, -52, 14, 3, 0),
        (1.05, 3, -54, 14, 3, 0),
    ),
    ((1.1, 3, -53, 14, 3, 0), (1.16, 3, -55, 12, 3, 0), (1.25, 4, -60, 8, 2, 0)),
)
"""Menisci and cruciate ligaments with their capsule, patellar ligament, tendon of the quadriceps."""
_JOINTS: tuple[tuple[Key, ...], ...] = (
    (
        (1.01, 0, -6, 37, 28, 0),
        (1.05, 0, -7, 41, 33, 0),
        (1.1, 1, -12, 34, 27, 0),
        (1.14, 2, -18, 22, 18, 0),
    ),
    (
        (1.935, -2, -34, 14, 14, 0),
        (1.96, -5, -37, 27, 27, 0),
        (2.0, -8, -38, 29, 29, 0),
        (2.05, -8, -38, 28, 28, 0),
    ),
)
"""Capsule and cruciate ligaments of the knee, capsule and cartilage of the hip; bones lie within."""
_POUCH: tuple[Key, ...] = (
    (1.07, 3, -38, 8, 0.6, 0),
    (1.11, 3, -37, 15, 1.0, 0),
    (1.18, 3, -36, 12, 0.8, 0),
    (1.21, 3, -36, 5, 0.4, 0),
)
"""The pouch of the knee joint above the patella; its depth is that of 1 mm of fluid."""
_NERVES: tuple[tuple[Key, ...], ...] = (
    (  # sciatic and tibial
        (0.5, -6, 11, 1.6, 1.3, 0),
        (0.7, 0, 13, 2.0, 1.6, 0),
        (0.84, 6, 20, 2.2, 1.9, 0),
        (0.92, 8, 37, 2.4, 2.0, 0),
        (1.0, 8, 49, 2.6, 2.1, 0),
        (1.1, 8, 47, 2.8, 2.2, 0),
        (1.25, 6, 40, 4.0, 2.8, 0),
        (1.5, 2, 36, 5.0, 3.2, 0),
        (1.8, 10, 36, 6.5, 3.2, 0),
        (2.0, 2, 32, 8.0, 3.5, 0),
        (2.06, 0, 34, 8.0, 3.5, 0),
    ),
    (  # common peroneal
        (0.91, 42, 16, 2.0, 1.4, 0),
        (0.98, 35, 34, 2.0, 1.5, 0),
        (1.1, 20, 50, 2.0, 1.6, 0),
        (1.2, 10, 44, 2.2, 1.8, 0),
    ),
    (  # femoral
        (1.9, 8, -70, 2.5, 1.2, 0),
        (2.0, 4, -80, 3.5, 1.5, 0),
        (2.06, 2, -80, 3.5, 1.5, 0),
    ),
)
_PELVIC_FLOOR: tuple[Key, ...] = (
    (1.86, 0, 10, 8, 14, 0),
    (1.92, 0, 0, 20, 34, 0),
    (2.0, 0, -10, 24, 38, 0),
    (2.07, 0, -4, 18, 26, 0),
)
_NODE_PLACES = ((-38.0, -86.0), (-32.0, -94.0), (-12.0, -98.0), (-36.0, -72.0), (8.0, -96.0))
_SWELL = ((0.0, 0.15), (0.12, 0.6), (0.3, 0.9), (0.5, 1.0), (0.7, 0.9), (0.88, 0.6), (1.0, 0.15))
"""Heights and radii of a round organ between its ends."""


def organs_of(frame: Frame) -> tuple[Organ, ...]:
    """The organs of the frame's person, in the order in which they are painted."""
    out = _viscera(frame)
    size = frame.person.size
    out.append((Tissue.ORGAN, frame.tube(_PELVIC_FLOOR, Side.MIDLINE, size)))
    for side in (Side.RIGHT, Side.LEFT):
        out += [(Tissue.TENDON, frame.tube(keys, side, size)) for keys in _TENDONS]
        out += [(Tissue.TENDON, frame.tube(keys, side, size).capped(8.0)) for keys in _JOINTS]
        fluid = draw.lognormal(
            generator(frame.person.seed, "anatomy", "knee", side.value), 1.6, 0.6, 0.5, 7.0
        )
        pouch = [(t, u, v, r1, r2 * fluid, angle) for t, u, v, r1, r2, angle in _POUCH]
        out.append((Tissue.SYNOVIAL_FLUID, frame.tube(pouch, side, size).capped(6.0)))
        out += [(Tissue.ORGAN, frame.tube(keys, side, size, True)) for keys in _NERVES]
        out += [(Tissue.LYMPH_NODE, tube) for tube in _nodes(frame, side)]
    return tuple(out)


def _viscera(frame: Frame) -> list[Organ]:
    """Bladder, uterus or prostate, rectum, and loops of bowel with some gas."""
    rng = generator(frame.person.seed, "anatomy", "organs")
    full = draw.uniform(rng, 0.7, 1.25)
    out: list[Organ] = []

    def add(tissue: Tissue, t0: float, t1: float, u: float, v: float, r1: float, r2: float) -> None:
        keys = tuple(
            (t0 + f * (t1 - t0), u, v + 6 * (f - 0.5), r1 * k, r2 * k, 0.0) for f, k in _SWELL
        )
        out.append((tissue, frame.tube(keys, Side.MIDLINE)))

    wall = draw.uniform(rng, 2.0, 4.5)
    add(Tissue.ORGAN, 2.05, 2.07 + 0.42 * full, 0, -42, 42 * full + wall, 32 * full + wall)
    add(Tissue.FLUID, 2.06, 2.06 + 0.42 * full, 0, -42, 42 * full, 32 * full)
    if frame.person.female:
        add(Tissue.ORGAN, 2.15, 2.6, draw.normal(rng, 0, 6), 2, 26, 20)
    else:
        add(Tissue.ORGAN, 1.97, 2.1, 0, -28, 22, 17)
    add(Tissue.ORGAN, 1.95, 2.6, draw.normal(rng, 0, 3), 42, 17, 15)
    for _ in range(14):
        t0 = draw.uniform(rng, 2.35, 3.25)
        place = draw.uniform(rng, -75, 75), draw.uniform(rng, -78, -35)
        size = draw.uniform(rng, 13, 21), draw.uniform(rng, 11, 17)
        t1 = t0 + draw.uniform(rng, 0.15, 0.5)
        add(Tissue.ORGAN, t0, t1, *place, *size)
        # Content: collapsed, fluid, or fluid under gas.
        if draw.chance(rng, 0.6):
            thick = draw.uniform(rng, 2.0, 3.5)
            inner = size[0] - thick, size[1] - thick
            add(Tissue.FLUID, t0 + 0.02, t1 - 0.02, *place, *inner)
        if draw.chance(rng, 0.35):
            add(Tissue.GAS, t0 + 0.04, t0 + 0.14, place[0], place[1] - 5, 7, 4)
    return out


def _nodes(frame: Frame, side: Side) -> list[Tube]:
    """Lymph nodes of the groin, round the common femoral vein and the mouth of the saphenous vein."""
    rng = generator(frame.person.seed, "anatomy", "nodes", side.value)
    out = []
    for _ in range(int(rng.integers(2, 7))):
        t = draw.uniform(rng, 1.84, 2.05)
        u, v = draw.choose(rng, _NODE_PLACES, [1.0] * len(_NODE_PLACES))
        r1, r2 = draw.uniform(rng, 3, 8), draw.uniform(rng, 2.2, 4.5)
        half = draw.uniform(rng, 0.012, 0.03)
        du, dv, angle = draw.normal(rng, 0, 3), draw.normal(rng, 0, 2), draw.uniform(rng, 0, 180)
        keys = [(t + f * half, u + du, v + dv, r1 * k, r2 * k, angle) for f, k in _ROUND]
        out.append(frame.tube(keys, side))
    return out
