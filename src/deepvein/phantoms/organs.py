"""Organs of the pelvis, tendons, joint capsules and lymph nodes: all that is neither muscle nor fat."""

from __future__ import annotations

from deepvein.anatomy.tissues import Tissue
from deepvein.anatomy.veins import Side
from deepvein.core.seeds import generator
from deepvein.phantoms import draw
from deepvein.phantoms.frame import Frame, Key
from deepvein.phantoms.tube import Tube

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
        add(Tissue.ORGAN, t0, t0 + draw.uniform(rng, 0.15, 0.5), *place, *size)
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
