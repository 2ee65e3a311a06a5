"""Thrombi: where they lie, how long they are, how they fill and widen the vein."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from deepvein.anatomy.veins import Level, Side
from deepvein.core.seeds import generator
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.grain import Grain, grain
from deepvein.phantoms.thrombosis.extent import ExtentSettings, forced_spans, sample_spans
from deepvein.phantoms.thrombosis.thrombus_section import RIPPLE_MM, Clot
from deepvein.phantoms.vessels.vascular_tree import Vessel, Vessels


@dataclass(frozen=True)
class DiseaseSettings(ExtentSettings):
    """Shares and sizes of thrombi, and of what they do to the limb.

    Left in 57 % (De Maeseneer 2016, n = 1,338); bilateral 8 to 12 % (VSI 2021; a registry of more than
    5,000). Swelling and stranding: perivenous oedema in 50 to 70 % of acute occlusive thrombi (M); most
    thrombi found beside a pulmonary embolism leave the limb as it was (M).
    """

    dvt_share: float = 0.5
    left_share: float = 0.57
    bilateral_share: float = 0.10
    acute_share: float = 0.75
    occlusive_share: float = 0.6
    floating_share: float = 0.25
    """Acute proximal thrombi whose upper end floats free (M)."""
    uptake_share: float = 0.3
    """Acute thrombi into which some contrast medium has seeped; of chronic ones 54 % enhance."""
    swelling_shares: tuple[float, float, float, float] = (0.45, 0.12, 0.08, 0.20)
    """Swollen limbs: acute proximal occlusive, acute proximal partial, calf, chronic."""
    stranding_share: float = 0.6
    collateral_share: float = 0.57
    """Chronic occlusions with collateral veins."""

    def swelling_share(self, thrombus: Thrombus, proximal: bool) -> float:
        occlusive, partial, calf, chronic = self.swelling_shares
        if not proximal:
            return calf
        if not thrombus.acute:
            return chronic
        return occlusive if thrombus.occlusive else partial


@dataclass(frozen=True)
class Thrombus:
    """One thrombus: connected clots under one number.

    quantile: where its attenuation or relaxation lies among thrombi of its age, in SDs; drift: how much
    that changes per metre from its middle up. rim: wall enhancement, 0 none to 1. uptake: share of the
    surrounding blood's contrast that has seeped in. rough_mm: how uneven its margin is; soft_mm: how
    blurred. chalk: 0 none to 1. seed: of its grain.
    """

    number: int
    side: Side
    acute: bool
    occlusive: bool
    quantile: float
    rim: float
    clots: tuple[Clot, ...]
    drift: float = 0.0
    uptake: float = 0.0
    rough_mm: float = 0.0
    soft_mm: float = 0.0
    uneven: float = 0.0
    chalk: float = 0.0
    seed: int = 0

    @property
    def middle_mm(self) -> float:
        return (min(c.low_mm for c in self.clots) + max(c.high_mm for c in self.clots)) / 2

    def quantile_at(self, z_mm: float) -> float:
        return self.quantile + self.drift * (z_mm - self.middle_mm) / 1000

    def grain(self) -> Grain:
        """Its inner structure: layers of red and white clot."""
        return grain(self.seed, "lesion", "grain", self.number, spacing_mm=2.4, spacing_z_mm=7.0)


def sample_thrombi(
    seed: int,
    vessels: Vessels,
    covered_mm: tuple[float, float],
    settings: DiseaseSettings = DiseaseSettings(),
) -> tuple[Thrombus, ...]:
    """The thrombi of a diseased person, at least one of which lies within `covered_mm` (z range)."""
    rng = generator(seed, "lesion")
    first = Side.LEFT if draw.chance(rng, settings.left_share) else Side.RIGHT
    second = Side.RIGHT if first is Side.LEFT else Side.LEFT
    sides = [first] + ([second] if draw.chance(rng, settings.bilateral_share) else [])
    return tuple(
        _sample_one(seed, rng, number, side, vessels, covered_mm, settings)
        for number, side in enumerate(sides, start=1)
    )


def _sample_one(
    seed: int,
    rng: np.random.Generator,
    number: int,
    side: Side,
    vessels: Vessels,
    covered_mm: tuple[float, float],
    settings: DiseaseSettings,
) -> Thrombus:
    acute = draw.chance(rng, settings.acute_share)
    occlusive = draw.chance(rng, settings.occlusive_share)
    for _ in range(60):
        spans = sample_spans(rng, side, vessels, settings)
        seen = max(
            min(high, vein.tube.high_mm, covered_mm[1]) - max(low, vein.tube.low_mm, covered_mm[0])
            for vein, low, high in spans
        )
        if seen >= 20.0:
            break
    else:
        spans = forced_spans(rng, side, vessels, covered_mm)
    shape = _sample_shape(rng, acute, occlusive)
    quantile = draw.normal(rng, 0, 1, -2, 2)
    rim = draw.uniform(rng, 0.4, 1.0) if acute and draw.chance(rng, 0.55) else 0.0
    clots = tuple(_clot(vessel, low, high, shape) for vessel, low, high in spans)
    own = generator(seed, "lesion", "look", number)
    if acute and draw.chance(own, settings.floating_share):
        clots = _afloat(own, clots, vessels)
    if not acute:
        clots = tuple(_organised(own, clot, occlusive) for clot in clots)
    seeps = draw.chance(own, settings.uptake_share if acute else 0.54)
    seeped = draw.uniform(own, 0.03, 0.30)
    sharp = draw.chance(own, 0.9)
    return Thrombus(
        number=number,
        side=side,
        acute=acute,
        occlusive=occlusive,
        quantile=quantile,
        rim=rim,
        clots=clots,
        drift=draw.normal(own, 0.0, 2.5, -5.0, 5.0),
        uptake=seeped if seeps else 0.0,
        rough_mm=draw.uniform(own, 0.2, 0.8),
        soft_mm=draw.uniform(own, 0.0, 0.4) if sharp else draw.uniform(own, 1.5, 3.0),
        uneven=draw.uniform(own, 0.3, 1.1),
        chalk=draw.uniform(own, 0.4, 1.0) if not acute and draw.chance(own, 0.15) else 0.0,
        seed=seed,
    )


def _afloat(
    rng: np.random.Generator, clots: tuple[Clot, ...], vessels: Vessels
) -> tuple[Clot, ...]:
    """The clots with a free upper end, 15 to 60 mm long, in the vein where the thrombus ends."""
    tail, thick = draw.uniform(rng, 15, 60), draw.uniform(rng, 0.3, 0.6)
    out = []
    for clot in clots:
        vein = vessels.by_name[clot.vessel]
        deep = vein.segment is not None and vein.segment.level is Level.PROXIMAL
        long = min(tail, 0.5 * (clot.high_mm - clot.low_mm))
        out.append(replace(clot, tail_mm=round(long, 3), tail_fill=thick) if deep else clot)
    return tuple(out)


def _organised(rng: np.random.Generator, clot: Clot, occlusive: bool) -> Clot:
    """An old clot: a layer on the wall with webs across the channel, or a shrunken plug."""
    mural = not occlusive or draw.chance(rng, 0.4)
    fill = clot.fill if not mural else draw.uniform(rng, 0.55, 0.85)
    webs = []
    z = clot.low_mm
    for _ in range(int(rng.integers(0, 4))):
        z += draw.uniform(rng, 10, 0.4 * (clot.high_mm - clot.low_mm) + 10)
        webs.append((round(z, 3), round(z + draw.uniform(rng, 6, 22), 3)))
    return replace(clot, mural=mural, fill=fill, webs=tuple(webs) if mural else ())


@dataclass(frozen=True)
class _Shape:
    acute: bool
    fill: float
    offset: tuple[float, float]
    extra_mm: float
    ripple: float


def _sample_shape(rng: np.random.Generator, acute: bool, occlusive: bool) -> _Shape:
    """Central with a rim and expanding by 3 to 4 mm if acute, eccentric and contracted if chronic.

    Central in 90 %, expanded in about half of acute thrombi, 4 +/- 4 mm wider than the other side
    (Weill Cornell 2015, n = 40).
    """
    direction = draw.choose(
        rng, ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0), (0.7, 0.7), (-0.7, 0.7)), [1.0] * 6
    )
    if acute:
        fill = draw.uniform(rng, 0.93, 1.03) if occlusive else draw.uniform(rng, 0.6, 0.85)
        away = draw.uniform(rng, 0.0, 0.35) if draw.chance(rng, 0.9) else 0.9
        extra = (
            draw.normal(rng, 1.8, 1.9, -1.0, 6.0) if occlusive else draw.normal(rng, 1.0, 0.7, 0, 3)
        )
    else:
        fill = draw.uniform(rng, 0.88, 1.03) if occlusive else draw.uniform(rng, 0.5, 0.72)
        away = draw.uniform(rng, 0.8, 1.0)
        extra = draw.normal(rng, -1.0, 0.6, -2.5, 0.3)
    ripple = draw.uniform(rng, 0.03, 0.06 if occlusive else 0.16)
    return _Shape(acute, fill, (direction[0] * away, direction[1] * away), extra, ripple)


def _clot(vessel: Vessel, low: float, high: float, shape: _Shape) -> Clot:
    count = int((high - low) / RIPPLE_MM) + 3
    own = generator(int(low * 1000) & 0x7FFFFFFF, "ripple", round(high * 1000))
    ripple = tuple(round(shape.ripple * v, 6) for v in own.uniform(-1, 1, count).tolist())
    return Clot(
        vessel=vessel.name,
        low_mm=round(low, 3),
        high_mm=round(high, 3),
        widening_mm=round(shape.extra_mm, 4),
        fill=shape.fill,
        offset=shape.offset,
        taper_mm=round(min(12.0, 0.3 * (high - low)), 3),
        ripple=ripple,
    )
