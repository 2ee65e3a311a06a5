"""Veins that have grown round an old occlusion."""

from __future__ import annotations

import numpy as np

from deepvein.anatomy.veins import Side
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.thrombosis.thrombus_section import Clot
from deepvein.phantoms.vessels.varices import winding
from deepvein.phantoms.vessels.vascular_tree import Vessel, Vessels

_MOST_MM = 180.0


def sample_collaterals(
    rng: np.random.Generator, number: int, vessels: Vessels, clots: tuple[Clot, ...]
) -> tuple[Vessel, ...]:
    """One to three winding veins, 2 to 5 mm wide, beside the longest clot of a thrombus.

    They leave the deep vein below and join it above; unnamed, so no segment map shows them.
    """
    clot = max(clots, key=lambda c: _extent(c, vessels)[1] - _extent(c, vessels)[0])
    low, high = _extent(clot, vessels)
    parent = vessels.by_name[clot.vessel]
    inwards = -1.0 if parent.side is Side.LEFT else 1.0
    out = []
    for index in range(int(rng.integers(1, 4))):
        length = min(high - low, draw.uniform(rng, 60, _MOST_MM))
        start = low + draw.uniform(rng, 0, 1) * (high - low - length)
        away = draw.uniform(rng, 7, 14)
        forwards = draw.uniform(rng, -6, 6)
        radius = draw.uniform(rng, 1.1, 2.5)
        tube = winding(rng, parent.tube, start, start + length, (inwards * away, forwards), radius)
        name = f"{parent.side.value} collateral {number} {index}"
        out.append(Vessel(name, parent.side, None, tube, parent.name, 0.5, unnamed_vein=True))
    return tuple(out)


def _extent(clot: Clot, vessels: Vessels) -> tuple[float, float]:
    """Where the clot and its vein both are, z in mm."""
    tube = vessels.by_name[clot.vessel].tube
    return max(clot.low_mm, tube.low_mm), min(clot.high_mm, tube.high_mm)
