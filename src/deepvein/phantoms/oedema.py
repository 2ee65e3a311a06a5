"""Swollen limbs: water in the fat under the skin and between the muscles."""

from __future__ import annotations

from dataclasses import dataclass

from deepvein.anatomy.veins import Side


@dataclass(frozen=True)
class Oedema:
    """Oedema of one leg between two heights (patient z, mm).

    strength: 0 none to 1: how far water replaces fat along the septa; thicken_mm: added to the
    subcutaneous fat; swell: factor on the girth of the muscle compartment, 1 for none.
    """

    side: Side
    low_mm: float
    high_mm: float
    strength: float
    thicken_mm: float
    swell: float = 1.0
