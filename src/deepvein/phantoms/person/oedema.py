"""Swollen limbs: water in the fat under the skin and between the muscles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from deepvein.anatomy.veins import Side

_ENDING_MM = 70.0


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

    def level(self, z_mm: float) -> float:
        """0 outside, 1 within, smooth over 70 mm at the ends (over half of a shorter oedema)."""
        ending = max(min(_ENDING_MM, 0.5 * (self.high_mm - self.low_mm)), 1e-6)
        f = min(1.0, max(0.0, min(z_mm - self.low_mm, self.high_mm - z_mm) / ending))
        return f * f * (3 - 2 * f)


@dataclass(frozen=True)
class Swelling:
    """What all oedema of a leg does at one height: see Oedema for the fields."""

    strength: float = 0.0
    thicken_mm: float = 0.0
    swell: float = 1.0


def swelling(oedema: Iterable[Oedema], side: Side, z_mm: float) -> Swelling:
    """The sum at a height: thicknesses add, girths multiply, the strongest water counts."""
    strength, thicken, swell = 0.0, 0.0, 1.0
    for one in oedema:
        level = one.level(z_mm) if one.side is side else 0.0
        strength = max(strength, level * one.strength)
        thicken += level * one.thicken_mm
        swell *= 1 + level * (one.swell - 1)
    return Swelling(strength, thicken, swell)
