"""Winding veins without a name: varices under the skin, collaterals beside an old occlusion."""

from __future__ import annotations

import numpy as np

from deepvein.anatomy.veins import Side
from deepvein.core.seeds import generator
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.outline import LegOutline
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.tube import STEP_MM, Float, Tube, hermite
from deepvein.phantoms.vessels.vascular_tree import Vessel

_SIDES = (Side.RIGHT, Side.LEFT)
_TERRITORIES = (("great saphenous", 175.0, 3.0), ("small saphenous", 85.0, 1.0))
"""The trunk that drains them, its direction (degrees from outwards towards backwards), how often."""


def sample_varices(seed: int, frame: Frame, share: float) -> tuple[Vessel, ...]:
    """Tortuous superficial veins of the calf and thigh, 3 to 9 mm wide.

    `share` of limbs have some: visible varices in 25 to 40 % of adults (M).
    """
    out: list[Vessel] = []
    for side in _SIDES:
        rng = generator(seed, "distractor", "varices", side.value)
        if draw.chance(rng, share):
            count = int(rng.integers(1, 5))
            out += [_varix(rng, frame, side, number) for number in range(count)]
    return tuple(out)


def _varix(rng: np.random.Generator, frame: Frame, side: Side, number: int) -> Vessel:
    trunk, direction, _ = draw.choose(rng, _TERRITORIES, [t[2] for t in _TERRITORIES])
    low = draw.uniform(rng, 0.15, 1.2 if trunk == "great saphenous" else 0.6)
    t = np.linspace(low, low + draw.uniform(rng, 0.12, 0.5), 24)
    angle = direction + draw.normal(rng, 0, 18, -40, 40) + _knots(rng, 24, 9.0)
    depth = 0.35 + 0.3 * np.clip(_knots(rng, 24, 0.5), -0.9, 0.9)
    outline = LegOutline(frame, side)
    scale = frame.scale(side)
    radius = draw.lognormal(rng, 2.2, 0.3, 1.4, 4.5)
    radii = radius * (1 + 0.25 * np.clip(_knots(rng, 24, 1.0), -1.2, 1.6))
    keys = []
    for at, degrees, share, wide in zip(t, angle, depth, radii, strict=True):
        cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        fat = float(outline.fat(float(at), cos, sin))
        r = min(float(wide), 0.42 * fat)
        reach = float(outline.fascia(float(at), cos, sin)) + max(r, float(share) * fat)
        keys.append(
            (float(at), float(cos) * reach / scale, float(sin) * reach / scale, r, 0.9 * r, 0.0)
        )
    tube = frame.tube(keys, side, 1.0, True).capped(6.0)
    name = f"{side.value} varix {number}"
    return Vessel(name, side, None, tube, f"{side.value} {trunk}", 0.0, unnamed_vein=True)


def winding(
    rng: np.random.Generator,
    beside: Tube,
    low_mm: float,
    high_mm: float,
    away_mm: tuple[float, float],
    radius_mm: float,
) -> Tube:
    """A winding tube beside another between two heights, `away_mm` from its centre (x, y)."""
    count = max(4, int((high_mm - low_mm) / STEP_MM) + 1)
    z = low_mm + STEP_MM * np.arange(count)
    centre = beside.centre(z)
    part = np.linspace(0, 1, count)
    # It leaves the vein below and comes back to it above.
    apart = np.minimum(1.0, 5 * np.minimum(part, 1 - part) + 0.1)[:, None]
    knots = max(4, int((high_mm - low_mm) / 18) + 1)
    wave = hermite(np.linspace(0, 1, knots), rng.uniform(-4, 4, (knots, 2)), part)
    place = centre + apart * (np.array(away_mm) + wave)
    radii = np.full((count, 2), radius_mm) * (1 + 0.2 * np.sin(part * 19.0))[:, None]
    nodes = np.concatenate([place, radii, np.zeros((count, 1))], axis=1)
    return Tube(round(low_mm, 6), np.round(nodes, 6), True).capped(6.0)


def _knots(rng: np.random.Generator, count: int, sd: float) -> Float:
    """(count,) a smooth random course with a new direction at every third place."""
    few = np.clip(rng.standard_normal(max(4, count // 2)), -2, 2) * sd
    out: Float = hermite(np.linspace(0, 1, len(few)), few[:, None], np.linspace(0, 1, count))[:, 0]
    return np.round(out, 6)
