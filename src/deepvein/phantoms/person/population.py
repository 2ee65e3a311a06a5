"""Who lies on the table: a sampled adult."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.anatomy.veins import Side
from deepvein.core.errors import SettingsError
from deepvein.core.seeds import generator
from deepvein.phantoms.shapes import draw


@dataclass(frozen=True)
class PopulationSettings:
    """Adults referred for venography; normal distributions are clipped where the fields say so."""

    female_share: float = 0.5
    age_years: tuple[float, float] = (60.0, 16.0)
    """Mean and SD, clipped to 20 to 95."""
    bmi: tuple[float, float] = (26.0, 4.0)
    """Mean and SD in kg/m^2, clipped to 17.5 to 40."""
    duplicated_femoral: float = 0.31
    """Share of limbs with a duplicated femoral vein: Quinlan 2003, 404 bilateral venograms."""
    two_popliteal: float = 0.42
    """Share of limbs with two veins in the popliteal fossa (ibid.); 5 % are true duplications."""

    def __post_init__(self) -> None:
        for name in ("female_share", "duplicated_femoral", "two_popliteal"):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise SettingsError(f"{name} must lie between 0 and 1, got {share}")


@dataclass(frozen=True)
class Limb:
    """What differs between a person's legs.

    girth: factor on the soft tissue, near 1; turn_deg: outward rotation of the shank and the thigh;
    apart_mm: added to the distance of knee and ankle from the midline.
    """

    girth: float
    turn_deg: float
    thigh_turn_deg: float
    apart_mm: float
    fat: float


@dataclass(frozen=True)
class Person:
    """A sampled adult; lengths in mm.

    size: height over the reference adult's 1,750 mm, the factor on the skeleton.
    girth: factor on muscles and vessels' places; fat: factor on the subcutaneous fat.
    infiltration: 0 (young, lean) to 1: fat between and within the muscles.
    knee_raise_mm: how far a cushion lifts the knees.
    """

    seed: int
    female: bool
    age_years: float
    height_mm: float
    bmi: float
    tibia_mm: float
    femur_mm: float
    pelvis_mm: float
    size: float
    pelvis_width: float
    girth: float
    fat: float
    infiltration: float
    vein_calibre: float
    knee_raise_mm: float
    right: Limb
    left: Limb

    def limb(self, side: Side) -> Limb:
        return self.left if side is Side.LEFT else self.right


DEFAULT = PopulationSettings()


def sample_person(seed: int, settings: PopulationSettings = DEFAULT) -> Person:
    """The adult of `seed`.

    Segment lengths follow height (Drillis and Contini's proportions, rounded: shank 0.23, thigh 0.245 of
    the height between the joint centres).
    """
    rng = generator(seed, "anatomy", "person")
    female = draw.chance(rng, settings.female_share)
    height = draw.normal(rng, 1640 if female else 1765, 65, 1480, 1980)
    age = draw.normal(rng, *settings.age_years, 20, 95)
    bmi = draw.normal(rng, *settings.bmi, 17.5, 40)
    size = height / 1750
    lean = 1.02 + 0.010 * (bmi - 24) - (0.03 if female else 0.0) - 0.001 * max(0.0, age - 50)
    fat = max(0.3, (1.15 if female else 0.7) + 0.07 * (bmi - 24))
    infiltration = min(1.0, max(0.0, 0.011 * (age - 25) + 0.02 * (bmi - 24)))
    return Person(
        seed=seed,
        female=female,
        age_years=age,
        height_mm=height,
        bmi=bmi,
        tibia_mm=round(0.228 * height * draw.normal(rng, 1, 0.02), 3),
        femur_mm=round(0.245 * height * draw.normal(rng, 1, 0.02), 3),
        pelvis_mm=round(0.100 * height * draw.normal(rng, 1, 0.03), 3),
        size=round(size, 6),
        pelvis_width=round(size * (1.06 if female else 1.0) * draw.normal(rng, 1, 0.03), 6),
        girth=round(size * min(max(lean * draw.normal(rng, 1, 0.04), 0.86), 1.22), 6),
        fat=round(fat * draw.normal(rng, 1, 0.12, 0.6, 1.4), 6),
        infiltration=round(infiltration, 6),
        vein_calibre=draw.normal(rng, 1.0, 0.13, 0.7, 1.38),
        knee_raise_mm=max(0.0, draw.normal(rng, 8, 14, -20, 40)),
        right=_limb(rng),
        left=_limb(rng),
    )


def _limb(rng: np.random.Generator) -> Limb:
    return Limb(
        girth=draw.normal(rng, 1, 0.015, 0.96, 1.04),
        turn_deg=draw.normal(rng, 14, 7, -2, 32),
        thigh_turn_deg=draw.normal(rng, 5, 3, -2, 12),
        apart_mm=draw.normal(rng, 6, 12, -8, 35),
        fat=draw.normal(rng, 1, 0.04, 0.9, 1.1),
    )
