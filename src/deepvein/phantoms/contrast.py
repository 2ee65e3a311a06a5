"""How far contrast medium has filled the vessels when the picture is taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.core.errors import SettingsError
from deepvein.core.seeds import generator
from deepvein.phantoms import draw
from deepvein.phantoms.tube import Ellipse, Pixels32, Window
from deepvein.phantoms.vessels import Vessel, Vessels

_SEG = VeinSegment
_KNOT_MM = 60.0

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


@dataclass(frozen=True)
class ContrastSettings:
    """Quality of the opacification over a population."""

    quality: tuple[float, float] = (1.0, 0.11)
    """Mean and SD between people of the opacification, 1 being the published mean."""
    poor_share: float = 0.08
    """Share of studies taken too early or too late: 0.55 to 0.8 of the usual opacification."""
    side_sd: float = 0.05
    artefacts: float = 1.6
    """Mean number of mixing artefacts in a study."""

    def __post_init__(self) -> None:
        if not 0 <= self.poor_share <= 1:
            raise SettingsError(f"poor_share must lie between 0 and 1, got {self.poor_share}")
        if self.artefacts < 0:
            raise SettingsError(f"artefacts must be 0 or larger, got {self.artefacts}")


@dataclass(frozen=True)
class MixingArtefact:
    """A stretch where blood with and without contrast run side by side.

    Eccentric, ill-defined or layered, at confluences, without widening or rim (Weill Cornell 2015, n =
    40); 1 to 6 cm long (M). depth: how much of the enhancement is missing at the worst place.
    """

    vessel: str
    centre_mm: float
    length_mm: float
    depth: float
    layered: bool
    direction: tuple[float, float]

    def strength(self, z_mm: float) -> float:
        """0 outside, `depth` in the middle."""
        s = 2 * (z_mm - self.centre_mm) / self.length_mm
        return self.depth * (1 - s * s) ** 2 if abs(s) < 1 else 0.0


@dataclass(frozen=True)
class Contrast:
    """Enhancement by vessel: 0 unenhanced blood, 1 the usual opacified vein.

    levels: for each vessel its factor at knots every 60 mm of z, from `base_mm` up.
    """

    base_mm: float
    levels: dict[str, tuple[float, ...]]
    artefacts: tuple[MixingArtefact, ...] = ()

    def level(self, vessel: Vessel, z_mm: float) -> float:
        knots = self.levels[vessel.name]
        place = min(max((z_mm - self.base_mm) / _KNOT_MM, 0.0), len(knots) - 1.001)
        i = int(place)
        return knots[i] + (knots[i + 1] - knots[i]) * (place - i)

    def enhancement(
        self, vessel: Vessel, z_mm: float, section: Ellipse, window: Window
    ) -> float | Pixels32:
        """Enhancement over the window: one number, or (rows, columns) where blood is mixed."""
        out: float | Pixels32 = self.level(vessel, z_mm)
        for artefact in self.artefacts:
            strength = artefact.strength(z_mm) if artefact.vessel == vessel.name else 0.0
            if strength > 0:
                out = out * (1 - np.float32(strength) * _blend(artefact, section, window))
        return out


def _blend(artefact: MixingArtefact, section: Ellipse, window: Window) -> Pixels32:
    """(rows, columns) 0 to 1: how far unopacified blood takes the place of opacified blood."""
    rx, ry = section.half_width, section.half_height
    dx = (window.x - np.float32(section.x)) * np.float32(1 / rx)
    dy = ((window.y - np.float32(section.y)) * np.float32(1 / ry))[:, None]
    ux, uy = np.float32(artefact.direction[0]), np.float32(artefact.direction[1])
    if artefact.layered:
        out: Pixels32 = np.minimum(np.maximum(0.5 + np.float32(0.8) * (ux * dx + uy * dy), 0), 1)
        return out
    px, py = dx - np.float32(0.45) * ux, dy - np.float32(0.45) * uy
    inside = np.maximum(np.float32(0), 1 - (px * px + py * py) * np.float32(0.85))
    return inside * inside * np.float32(1.0)


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
    slow = {side: rng.uniform(-0.06, 0.06, count) for side in Side}
    levels = {}
    for vessel in vessels.all:
        if vessel.segment is None:
            factor = np.full(count, artery * (quality / mean) ** 0.5)
        else:
            m, s = _MEAN_SD[vessel.segment]
            own = m if vessel.segment in _AXIS else draw.normal(rng, m, s, 0.05, 1.3)
            factor = own * quality * sides[vessel.side] * (1 + slow[vessel.side])
        levels[vessel.name] = tuple(np.round(factor, 5).tolist())
    artefacts = _sample_artefacts(rng, vessels, settings)
    return Contrast(round(low, 3), levels, artefacts)


_AXIS = (_SEG.POPLITEAL, _SEG.FEMORAL, _SEG.COMMON_FEMORAL, _SEG.EXTERNAL_ILIAC, _SEG.COMMON_ILIAC)

# Where mixing happens: the vein, the part of its length (0 caudal, 1 cranial), and how often.
_SITES = (
    (_SEG.COMMON_FEMORAL, 0.1, 3.0),
    (_SEG.COMMON_FEMORAL, 0.4, 2.5),
    (_SEG.FEMORAL, 0.95, 2.0),
    (_SEG.FEMORAL, 0.4, 1.0),
    (_SEG.POPLITEAL, 0.35, 1.5),
    (_SEG.COMMON_ILIAC, 0.2, 1.5),
    (_SEG.EXTERNAL_ILIAC, 0.6, 1.0),
    (_SEG.INFERIOR_VENA_CAVA, 0.1, 2.0),
)


def _sample_artefacts(
    rng: np.random.Generator, vessels: Vessels, settings: ContrastSettings
) -> tuple[MixingArtefact, ...]:
    out = []
    directions = ((1.0, 0.0), (-1.0, 0.0), (0.0, -1.0), (0.7, -0.7), (-0.7, -0.7), (0.0, 1.0))
    for _ in range(int(rng.poisson(settings.artefacts))):
        segment, share, _ = draw.choose(rng, _SITES, [site[2] for site in _SITES])
        side = Side.LEFT if draw.chance(rng, 0.5) else Side.RIGHT
        if segment is _SEG.INFERIOR_VENA_CAVA:
            side = Side.MIDLINE
        vein = vessels.of(side, segment)[-1]
        length = vein.tube.high_mm - vein.tube.low_mm
        layered = draw.chance(rng, 0.45)
        out.append(
            MixingArtefact(
                vessel=vein.name,
                centre_mm=round(vein.tube.low_mm + share * length + draw.uniform(rng, -12, 12), 3),
                length_mm=draw.uniform(rng, 15, 80),
                depth=draw.uniform(rng, 0.3, 0.85),
                layered=layered,
                # Contrast medium is heavier than blood: it lies behind in a supine person.
                direction=(0.0, -1.0) if layered else draw.choose(rng, directions, [1.0] * 6),
            )
        )
    return tuple(out)
