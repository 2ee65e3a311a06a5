"""Limbs that are swollen without thrombosis: heart failure, cellulitis, lymphoedema, after operations."""

from __future__ import annotations

import numpy as np

from deepvein.anatomy.veins import Side
from deepvein.core.seeds import generator
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.oedema import Oedema
from deepvein.phantoms.shapes import draw

FEET_MM = -400.0
"""Below any foot: swelling runs to the toes."""


def sample_swelling(
    seed: int, frame: Frame, both_share: float, one_share: float
) -> tuple[Oedema, ...]:
    """Swelling of both legs (heart, kidney) and, of its own accord, of one leg."""
    out: list[Oedema] = []
    rng = generator(seed, "distractor", "swelling", "both")
    present = draw.chance(rng, both_share)
    top = draw.uniform(rng, 0.3, 1.9)
    for side in (Side.RIGHT, Side.LEFT):
        high = float(frame.z(top + draw.normal(rng, 0, 0.08, -0.2, 0.2)))
        one = swollen(rng, side, high)
        out += [one] if present else []
    rng = generator(seed, "distractor", "swelling", "one")
    present = draw.chance(rng, one_share)
    side = draw.choose(rng, (Side.LEFT, Side.RIGHT), (1, 1))
    one = swollen(rng, side, float(frame.z(draw.uniform(rng, 0.5, 2.1))))
    return (*out, one) if present else tuple(out)


def swollen(rng: np.random.Generator, side: Side, high_mm: float) -> Oedema:
    """Swelling up to a height; the same whatever its cause, so that it does not name its cause.

    A leg with thrombosis is some 2 to 4 cm wider round the calf (Wells' criterion: more than 3 cm), which
    is 3 to 6 mm of radius (M).
    """
    strength = draw.uniform(rng, 0.15, 1.0)
    return Oedema(
        side=side,
        low_mm=FEET_MM,
        high_mm=round(high_mm, 3),
        strength=strength,
        thicken_mm=round(strength * draw.uniform(rng, 1.0, 7.0), 4),
        swell=round(1 + strength * draw.uniform(rng, 0.0, 0.06), 4),
    )
