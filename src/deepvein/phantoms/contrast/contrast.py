"""How far contrast medium has filled the vessels when the picture is taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.core.errors import SettingsError
from deepvein.core.seeds import generator
from deepvein.phantoms.contrast.mixing import MixingArtefact, sample_mixing
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.tube import Ellipse, Float, Pixels32, Window
from deepvein.phantoms.vessels.vascular_tree import Vessel, Vessels

_SEG = VeinSegment
_KNOT_MM = 60.0
_UNKNOWN = 0.8
"""Enhancement of a vessel that nothing is known of."""

_MEAN_SD: dict[VeinSegment, tuple[float, float]] = {
    _SEG.INFERIOR_VENA_CAVA: (0.97, 0.08),
    _SEG.COMMON_ILIAC: (0.98, 0.05),
    _SEG.EXTERNAL_ILIAC: (1.0, 0.05),
    _SEG.INTERNAL_ILIAC: (1.0, 0.10),
    _SEG.COMMON_FEMORAL: (1.0, 0.05),
    _SEG.DEEP_FEMORAL: (0.97, 0.10),
    _SEG.FEMORAL: (1.0, 0.05),
    _SEG.POPLITEAL: (1.02, 0.06),
    _SEG.ANTERIOR_TIBIAL: (0.88, 0.15),
    _SEG.POSTERIOR_TIBIAL: (0.92, 0.15),
    _SEG.PERONEAL: (0.92, 0.15),
    _SEG.GASTROCNEMIUS: (0.88, 0.2),
    _SEG.SOLEAL: (0.80, 0.25),
    _SEG.GREAT_SAPHENOUS: (0.85, 0.25),
    _SEG.SMALL_SAPHENOUS: (0.80, 0.28),
}
"""Opacification over the femoral vein's; superficial and muscular veins fill late and unevenly (M)."""

_AXIS = (_SEG.POPLITEAL, _SEG.FEMORAL, _SEG.COMMON_FEMORAL, _SEG.EXTERNAL_ILIAC, _SEG.COMMON_ILIAC)

_LATE: dict[VeinSegment, float] = {
    _SEG.GREAT_SAPHENOUS: 1.0,
    _SEG.SMALL_SAPHENOUS: 1.3,
    _SEG.SOLEAL: 1.3,
    _SEG.GASTROCNEMIUS: 1.0,
    _SEG.ANTERIOR_TIBIAL: 0.6,
    _SEG.POSTERIOR_TIBIAL: 0.5,
    _SEG.PERONEAL: 0.5,
}
"""How often, over `unopacified_share`, a vein has hardly any contrast medium yet (M)."""


@dataclass(frozen=True)
class ContrastSettings:
    """Quality of the opacification over a population; shares are textbook values (M)."""

    quality: tuple[float, float] = (1.0, 0.11)
    """Mean and SD between people of the opacification, 1 being the published mean."""
    poor_share: float = 0.08
    """Share of studies taken too early or too late: 0.55 to 0.8 of the usual opacification."""
    side_sd: float = 0.05
    artefacts: float = 2.0
    """Mean number of mixing artefacts in a study."""
    weak_side_share: float = 0.08
    """Share of studies in which one leg lags behind, from some level down."""
    weak_below_share: float = 0.12
    """Share of studies in which both legs are weakly opacified from some level down."""
    unopacified_share: float = 0.15
    """Share of saphenous and muscular veins without contrast medium; deep calf veins half as often."""

    def __post_init__(self) -> None:
        for name in ("poor_share", "weak_side_share", "weak_below_share", "unopacified_share"):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise SettingsError(f"{name} must lie between 0 and 1, got {share}")
        if self.artefacts < 0:
            raise SettingsError(f"artefacts must be 0 or larger, got {self.artefacts}")


@dataclass(frozen=True)
class Contrast:
    """Enhancement by vessel: 0 unenhanced blood, 1 the usual opacified vein.

    levels: for each vessel its factor at knots every 60 mm of z, from `base_mm` up. A vein that has no
    level of its own is as bright as the one that it drains into.
    """

    base_mm: float
    levels: dict[str, tuple[float, ...]]
    artefacts: tuple[MixingArtefact, ...] = ()

    def level(self, vessel: Vessel, z_mm: float) -> float:
        knots = self.levels.get(vessel.name) or self.levels.get(vessel.drains_into)
        if knots is None:
            return _UNKNOWN
        place = min(max((z_mm - self.base_mm) / _KNOT_MM, 0.0), len(knots) - 1.001)
        i = int(place)
        return knots[i] + (knots[i + 1] - knots[i]) * (place - i)

    def enhancement(
        self, vessel: Vessel, z_mm: float, section: Ellipse, window: Window
    ) -> float | Pixels32:
        """Enhancement over the window: one number, or (rows, columns) where blood is mixed."""
        out: float | Pixels32 = self.level(vessel, z_mm)
        for artefact in self.artefacts:
            strength = artefact.strength(z_mm) if artefact.touches(vessel.name) else 0.0
            if strength > 0:
                out = out * (1 - np.float32(strength) * artefact.blend(z_mm, section, window))
        return out


def sample_contrast(
    seed: int, vessels: Vessels, settings: ContrastSettings = ContrastSettings()
) -> Contrast:
    """The state of the contrast medium at the time of the picture."""
    rng = generator(seed, "contrast")
    mean, sd = settings.quality
    quality = draw.normal(rng, mean, sd, 0.5, 1.5)
    if draw.chance(rng, settings.poor_share):
        quality *= draw.uniform(rng, 0.55, 0.8)
    artery = draw.normal(rng, 1.05, 0.06, 0.9, 1.25)
    sides = {side: draw.normal(rng, 1.0, settings.side_sd, 0.7, 1.2) for side in Side}
    low = min(v.tube.low_mm for v in vessels.all)
    high = max(v.tube.high_mm for v in vessels.all)
    count = int((high - low) / _KNOT_MM) + 3
    # Veins of one side share a slow variation along the leg, so that the deep axis has no steps.
    slow = {side: 1 + rng.uniform(-0.06, 0.06, count) for side in Side}
    lag = _lag(seed, low, high, count, settings)
    levels = {}
    for vessel in vessels.all:
        if not vessel.is_vein:
            factor = np.full(count, artery * (quality / mean) ** 0.5)
        else:
            own = _own(seed, vessel, settings)
            factor = own * quality * sides[vessel.side] * slow[vessel.side] * lag[vessel.side]
        levels[vessel.name] = tuple(np.round(factor, 5).tolist())
    return Contrast(round(low, 3), levels, sample_mixing(seed, vessels, settings.artefacts))


def _own(seed: int, vessel: Vessel, settings: ContrastSettings) -> float:
    """A vein's opacification over that of its side."""
    rng = generator(seed, "contrast", vessel.name)
    mean, sd = (_UNKNOWN, 0.25) if vessel.segment is None else _MEAN_SD[vessel.segment]
    own = draw.normal(rng, mean, sd, 0.05, 1.3)
    if vessel.segment in _AXIS:
        return mean
    often = 1.0 if vessel.segment is None else _LATE.get(vessel.segment, 0.0)
    late = draw.chance(rng, min(1.0, often * settings.unopacified_share))
    little = draw.uniform(rng, 0.0, 0.3)
    return little if late else own


def _lag(
    seed: int, low: float, high: float, count: int, settings: ContrastSettings
) -> dict[Side, Float]:
    """(count,) factors by side at the knots: where the veins fill late from some level down."""
    out = {side: np.ones(count) for side in Side}
    z = low + _KNOT_MM * np.arange(count)
    for name, share in (("side", settings.weak_side_share), ("below", settings.weak_below_share)):
        rng = generator(seed, "contrast", "lag", name)
        present = draw.chance(rng, share)
        one = draw.choose(rng, (Side.LEFT, Side.RIGHT), (1, 1))
        # One leg may lag up to the groin, both together only up to the thigh.
        level = low + draw.uniform(rng, 0.2, 0.9 if name == "side" else 0.6) * (high - low)
        factor = draw.uniform(rng, 0.35, 0.8)
        if present:
            for side in (one,) if name == "side" else (Side.LEFT, Side.RIGHT):
                out[side] = out[side] * np.interp(z, (level - 60, level + 60), (factor, 1.0))
    return out
