"""How far a thrombus reaches: which veins it fills between which heights."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.core.errors import SettingsError
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.vessels.vascular_tree import Vessel, Vessels

_SEG = VeinSegment
_BEYOND_MM = 20.0


@dataclass(frozen=True)
class ExtentSettings:
    """Shares of levels and lengths of thrombi.

    Isolated to the calf in 28 %, iliofemoral in 38 % of unilateral thromboses, three of five levels
    involved if proximal (De Maeseneer 2016, n = 1,338). Lengths are chosen so that the mean volume is
    that of Yonsei 2022, 12.8 +/- 10.1 ml; ours vary more, 12.5 +/- 14 ml over 150 people.
    """

    calf_share: float = 0.28
    iliofemoral_share: float = 0.38
    length_mm: tuple[float, float] = (450.0, 0.35)
    """Median and sigma of the lognormal length in the deep axis, clipped to 20 to 700 mm."""
    calf_length_mm: tuple[float, float] = (110.0, 0.6)
    """The same for isolated calf thrombi, clipped to 20 to 280 mm."""
    short_share: float = 0.10
    """Thrombi in the deep axis that are only 20 to 60 mm long, on top of the lognormal's own."""

    def __post_init__(self) -> None:
        for field in fields(self):
            share = getattr(self, field.name)
            if field.name.endswith("_share") and not 0 <= share <= 1:
                raise SettingsError(f"{field.name} must lie between 0 and 1, got {share}")


Span = tuple[Vessel, float, float]
"""A vein, and the lowest and highest z (mm) of the thrombus."""


def sample_spans(
    rng: np.random.Generator, side: Side, vessels: Vessels, settings: ExtentSettings
) -> list[Span]:
    """Veins with the lowest and highest z (mm) of the thrombus in each; a vein may end before."""
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
        # Its upper end lies in or above the common femoral vein, in few in the common iliac vein.
        high = groin + 15 + draw.uniform(rng, 0, 1) ** 2 * (top - groin - 15)
    else:
        high = draw.uniform(rng, bottom + 20, groin)
    low = high - length
    # A thrombus that goes on into the calf is as thick at the end of the axis as above it.
    end = bottom - _BEYOND_MM if low < bottom else low
    spans: list[Span] = [(v, end, high) for v in axis]
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
        out.append((vein, max(low, vein.tube.low_mm + 5), vein.tube.high_mm + _BEYOND_MM))
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
    rng: np.random.Generator, side: Side, vessels: Vessels, settings: ExtentSettings
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
    if twin and draw.chance(rng, 0.6):
        shift = draw.uniform(rng, -8, 8)
        spans.append((twin[0], low + shift, low + length * draw.uniform(rng, 0.6, 1.0) + shift))
    return spans


def forced_spans(
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
