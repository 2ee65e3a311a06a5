"""Thrombi: where they lie, how long they are, how they fill and widen the vein."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.core.errors import SettingsError
from deepvein.core.seeds import generator
from deepvein.phantoms import draw
from deepvein.phantoms.vessels import Vessel, Vessels

_SEG = VeinSegment

_RIPPLE_MM = 12.0


@dataclass(frozen=True)
class DiseaseSettings:
    """Shares and sizes of thrombi.

    Left in 57 % and isolated to the calf in 28 %, iliofemoral in 38 % of unilateral thromboses (De
    Maeseneer 2016, n = 1,338); bilateral 8 to 12 % (VSI 2021; a registry of more than 5,000). Length:
    lognormal, median 18 to 20 cm, 2 to 70 cm (derived from 12.8 +/- 10.1 ml, Yonsei 2022).
    """

    dvt_share: float = 0.5
    left_share: float = 0.57
    bilateral_share: float = 0.10
    calf_share: float = 0.28
    iliofemoral_share: float = 0.38
    length_mm: tuple[float, float] = (190.0, 0.8)
    """Median and sigma of the lognormal length in the deep axis, clipped to 20 to 700 mm."""
    calf_length_mm: tuple[float, float] = (80.0, 0.6)
    """The same for isolated calf thrombi, clipped to 20 to 280 mm."""
    short_share: float = 0.15
    """Thrombi in the deep axis that are only 20 to 60 mm long, on top of the lognormal's own."""
    acute_share: float = 0.75
    occlusive_share: float = 0.6

    def __post_init__(self) -> None:
        for name in (
            "dvt_share",
            "left_share",
            "bilateral_share",
            "calf_share",
            "iliofemoral_share",
            "short_share",
            "acute_share",
            "occlusive_share",
        ):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"{name} must lie between 0 and 1, got {getattr(self, name)}")


@dataclass(frozen=True)
class ClotSection:
    """A thrombus in one plane of a vein.

    widening: factor on the vein's radii; fill: the thrombus's radius over the (widened) lumen's;
    offset: shift of its centre over the lumen's radius, along x and y.
    """

    widening: float
    fill: float
    offset: tuple[float, float]


@dataclass(frozen=True)
class Clot:
    """The part of a thrombus that lies in one vein; it ends where the vein ends.

    widening_mm: added to the lumen's diameter in its middle, negative for contracted veins.
    fill: radius of the thrombus over that of the lumen; ripple: how fill varies every 12 mm.
    """

    vessel: str
    low_mm: float
    high_mm: float
    widening_mm: float
    fill: float
    offset: tuple[float, float]
    taper_mm: float
    ripple: tuple[float, ...] = field(repr=False, default=(0.0, 0.0))

    def at(self, z_mm: float, radius_mm: float) -> ClotSection | None:
        """The section at a height where the vein's mean radius is `radius_mm`; None outside."""
        if not self.low_mm < z_mm < self.high_mm:
            return None
        end = min(z_mm - self.low_mm, self.high_mm - z_mm)
        k = min(1.0, end / self.taper_mm)
        grow = min(1.0, end / (1.5 * self.taper_mm))
        place = min((z_mm - self.low_mm) / _RIPPLE_MM, len(self.ripple) - 1.001)
        i = int(place)
        ripple = self.ripple[i] + (self.ripple[i + 1] - self.ripple[i]) * (place - i)
        fill = min(0.99, max(0.15, self.fill + ripple)) * (k * (2 - k)) ** 0.5
        widening = max(0.6, 1 + grow * self.widening_mm / (2 * radius_mm))
        room = max(0.0, 1 - fill)
        return ClotSection(widening, fill, (self.offset[0] * room, self.offset[1] * room))


@dataclass(frozen=True)
class Thrombus:
    """One thrombus: connected clots under one number.

    quantile: where its attenuation or relaxation lies among thrombi of its age, in SDs.
    rim: wall enhancement, 0 none to 1.
    """

    number: int
    side: Side
    acute: bool
    occlusive: bool
    quantile: float
    rim: float
    clots: tuple[Clot, ...]


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
        _sample_one(rng, number, side, vessels, covered_mm, settings)
        for number, side in enumerate(sides, start=1)
    )


def _sample_one(
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
        spans = _sample_spans(rng, side, vessels, settings)
        seen = max(min(h, covered_mm[1]) - max(lo, covered_mm[0]) for _, lo, h in spans)
        if seen >= 20.0:
            break
    else:
        spans = _forced_spans(rng, side, vessels, covered_mm)
    shape = _sample_shape(rng, acute, occlusive)
    return Thrombus(
        number=number,
        side=side,
        acute=acute,
        occlusive=occlusive,
        quantile=draw.normal(rng, 0, 1, -2, 2),
        rim=draw.uniform(rng, 0.4, 1.0) if acute and draw.chance(rng, 0.55) else 0.0,
        clots=tuple(_clot(rng, vessel, low, high, shape) for vessel, low, high in spans),
    )


Span = tuple[Vessel, float, float]


def _sample_spans(
    rng: np.random.Generator, side: Side, vessels: Vessels, settings: DiseaseSettings
) -> list[Span]:
    rest = 1 - settings.calf_share - settings.iliofemoral_share
    kind = draw.choose(
        rng,
        ("calf", "iliofemoral", "femoropopliteal"),
        (settings.calf_share, settings.iliofemoral_share, max(0.0, rest)),
    )
    if kind == "calf":
        return _calf_spans(rng, side, vessels, settings)
    axis = vessels.axis(side)
    bottom, top = axis[0].tube.low_mm, axis[-1].tube.high_mm
    median, sigma = settings.length_mm
    length = draw.lognormal(rng, median, sigma, 20, 700)
    if draw.chance(rng, settings.short_share):
        length = draw.uniform(rng, 20, 60)
    groin = axis[2].tube.low_mm
    if kind == "iliofemoral":
        # Its upper end lies in or above the common femoral vein, its lower end below the common iliac.
        high = draw.uniform(rng, groin + 15, top)
    else:
        high = draw.uniform(rng, bottom + 20, groin)
    low = high - length
    spans: list[Span] = [(v, max(low, bottom), high) for v in axis]
    spans = [s for s in spans if s[0].tube.low_mm < s[2] and s[0].tube.high_mm > s[1]]
    if low < bottom:
        spans += _into_calf(rng, side, vessels, bottom - low)
    spans += _side_branches(rng, side, vessels, max(low, bottom), high)
    return spans


def _into_calf(rng: np.random.Generator, side: Side, vessels: Vessels, length: float) -> list[Span]:
    """The lower end of a long thrombus: into one to three veins of the calf."""
    pairs = vessels.of(side, _SEG.POSTERIOR_TIBIAL, _SEG.PERONEAL)
    chosen = [v for v in pairs if draw.chance(rng, 0.45)] or [pairs[0]]
    out = []
    for vein in chosen:
        low = vein.tube.high_mm - length * draw.uniform(rng, 0.5, 1.0)
        out.append((vein, max(low, vein.tube.low_mm + 5), vein.tube.high_mm + 10))
    return out


def _side_branches(
    rng: np.random.Generator, side: Side, vessels: Vessels, low: float, high: float
) -> list[Span]:
    """Tributaries of a thrombosed stretch are sometimes involved near their mouths."""
    out: list[Span] = []
    for vein in vessels.of(side, _SEG.DEEP_FEMORAL, _SEG.GASTROCNEMIUS):
        mouth = vein.tube.high_mm
        taken = draw.chance(rng, 0.3)
        reach = draw.uniform(rng, 20, 80)
        if taken and low + 10 < mouth < high - 10:
            out.append((vein, max(mouth - reach, vein.tube.low_mm), mouth + 8))
    for name in ("femoral 2", "popliteal 2"):
        twin = vessels.by_name.get(f"{side.value} {name}")
        taken = draw.chance(rng, 0.5)
        if twin is not None and taken and low < twin.tube.high_mm and high > twin.tube.low_mm:
            out.append((twin, max(low, twin.tube.low_mm - 8), min(high, twin.tube.high_mm + 8)))
    return out


def _calf_spans(
    rng: np.random.Generator, side: Side, vessels: Vessels, settings: DiseaseSettings
) -> list[Span]:
    group = draw.choose(
        rng,
        (
            _SEG.POSTERIOR_TIBIAL,
            _SEG.PERONEAL,
            _SEG.SOLEAL,
            _SEG.GASTROCNEMIUS,
            _SEG.ANTERIOR_TIBIAL,
        ),
        (0.3, 0.32, 0.2, 0.15, 0.03),
    )
    veins = vessels.of(side, group)
    median, sigma = settings.calf_length_mm
    first = draw.choose(rng, veins, [1.0] * len(veins))
    length = draw.lognormal(rng, median, sigma, 20, 280)
    length = min(length, first.tube.high_mm - first.tube.low_mm - 12)
    low = draw.uniform(rng, first.tube.low_mm + 5, first.tube.high_mm - length - 3)
    spans: list[Span] = [(first, low, low + length)]
    twin = [
        v for v in veins if v is not first and v.segment in (_SEG.POSTERIOR_TIBIAL, _SEG.PERONEAL)
    ]
    if twin and draw.chance(rng, 0.4):
        shift = draw.uniform(rng, -8, 8)
        spans.append((twin[0], low + shift, low + length * draw.uniform(rng, 0.6, 1.0) + shift))
    return spans


def _forced_spans(
    rng: np.random.Generator, side: Side, vessels: Vessels, covered_mm: tuple[float, float]
) -> list[Span]:
    """A short thrombus in whatever deep vein the coverage shows best."""
    deep = [
        v for v in vessels.veins if v.side is side and v.segment is not None and v.segment.is_deep
    ]

    def seen(vein: Vessel) -> float:
        return min(vein.tube.high_mm, covered_mm[1]) - max(vein.tube.low_mm, covered_mm[0])

    best = max(deep, key=seen)
    low = max(best.tube.low_mm, covered_mm[0])
    high = low + max(4.0, seen(best))
    length = min(high - low, draw.uniform(rng, 30, 80))
    start = draw.uniform(rng, low, high - length)
    return [(best, start, start + length)]


@dataclass(frozen=True)
class _Shape:
    acute: bool
    fill: float
    offset: tuple[float, float]
    extra_mm: float


def _sample_shape(rng: np.random.Generator, acute: bool, occlusive: bool) -> _Shape:
    """Central with a rim and expanding by 3 to 4 mm if acute, eccentric and contracted if chronic.

    Central in 90 %, expanded in about half of acute thrombi, 4 +/- 4 mm wider than the other side
    (Weill Cornell 2015, n = 40).
    """
    direction = draw.choose(
        rng, ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0), (0.7, 0.7), (-0.7, 0.7)), [1.0] * 6
    )
    if acute:
        fill = draw.uniform(rng, 0.88, 0.98) if occlusive else draw.uniform(rng, 0.6, 0.85)
        away = draw.uniform(rng, 0.0, 0.35) if draw.chance(rng, 0.9) else 0.9
        extra = (
            draw.normal(rng, 2.4, 1.8, -0.5, 6.0) if occlusive else draw.normal(rng, 1.0, 0.7, 0, 3)
        )
    else:
        fill = draw.uniform(rng, 0.85, 0.97) if occlusive else draw.uniform(rng, 0.5, 0.72)
        away = draw.uniform(rng, 0.8, 1.0)
        extra = draw.normal(rng, -1.0, 0.6, -2.5, 0.3)
    return _Shape(acute, fill, (direction[0] * away, direction[1] * away), extra)


def _clot(rng: np.random.Generator, vessel: Vessel, low: float, high: float, shape: _Shape) -> Clot:
    radius = float(np.sqrt(vessel.tube.nodes[:, 2] * vessel.tube.nodes[:, 3]).mean())
    # Small veins widen and shrink in proportion; a filled calf vein reaches some 5 mm.
    limit = 1.2 * radius if shape.extra_mm > 0 else 0.7 * radius
    widening = max(-limit, min(limit, shape.extra_mm))
    count = int((high - low) / _RIPPLE_MM) + 3
    own = generator(int(low * 1000) & 0x7FFFFFFF, "ripple", round(high * 1000))
    ripple = tuple(round(0.05 * v, 6) for v in own.uniform(-1, 1, count).tolist())
    return Clot(
        vessel=vessel.name,
        low_mm=round(low, 3),
        high_mm=round(high, 3),
        widening_mm=round(widening, 4),
        fill=shape.fill,
        offset=shape.offset,
        taper_mm=round(min(12.0, 0.3 * (high - low)), 3),
        ripple=ripple,
    )
