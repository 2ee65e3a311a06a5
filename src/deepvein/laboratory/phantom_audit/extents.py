"""Where thrombi lie and how large they are, beside published figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from deepvein.anatomy.veins import Level, Side, VeinSegment
from deepvein.core.progress import Progress
from deepvein.core.workers import spread
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import Order, orders
from deepvein.phantoms.phantom import Scenario
from deepvein.phantoms.thrombosis.thrombus import Thrombus

_SEG = VeinSegment
_STEP_MM = 2.0
_LEVELS = (
    (_SEG.INFERIOR_VENA_CAVA, _SEG.COMMON_ILIAC, _SEG.EXTERNAL_ILIAC, _SEG.INTERNAL_ILIAC),
    (_SEG.COMMON_FEMORAL,),
    (_SEG.FEMORAL, _SEG.DEEP_FEMORAL),
    (_SEG.POPLITEAL,),
)
"""The levels above the calf that are counted as segments; the calf is the fifth."""


@dataclass(frozen=True)
class Extent:
    """One thrombus whole, as it lies in the person whatever the coverage shows of it.

    length_cm: along the body axis; segments: of iliac, common femoral, femoral, popliteal and calf.
    """

    study: str
    side: Side
    length_cm: float
    volume_ml: float
    segments: int
    proximal: bool
    iliofemoral: bool
    acute: bool
    occlusive: bool


@dataclass(frozen=True)
class Extents:
    """Thrombi of `people` people with DVT; shares of unilateral disease but for `bilateral_share`."""

    people: int
    left_share: float
    bilateral_share: float
    calf_share: float
    iliofemoral_share: float
    acute_share: float
    occlusive_share: float
    thrombi: tuple[Extent, ...]


def measure(settings: AuditSettings, progress: Progress) -> Extents:
    """Sample as many people with DVT as the audit has studies; nothing is painted."""
    todo = orders(settings, dvt=True)
    found = tuple(
        chain.from_iterable(
            spread(extents, todo, settings.workers, stage="extents", progress=progress)
        )
    )
    return summarised(found)


def summarised(found: Sequence[Extent]) -> Extents:
    """Shares over people and thrombi."""
    sides: dict[str, set[Side]] = {}
    for one in found:
        sides.setdefault(one.study, set()).add(one.side)
    alone = [one for one in found if len(sides[one.study]) == 1]
    return Extents(
        people=len(sides),
        left_share=_share([one.side is Side.LEFT for one in alone]),
        bilateral_share=_share([len(own) > 1 for own in sides.values()]),
        calf_share=_share([not one.proximal for one in alone]),
        iliofemoral_share=_share([one.iliofemoral for one in alone]),
        acute_share=_share([one.acute for one in found]),
        occlusive_share=_share([one.occlusive for one in found]),
        thrombi=tuple(found),
    )


def _share(flags: Sequence[bool]) -> float:
    return float(np.mean(flags)) if len(flags) else float("nan")


def extents(order: Order) -> list[Extent]:
    """The thrombi of one study."""
    scenario = order.scenario()
    return [_extent(order, scenario, thrombus) for thrombus in scenario.thrombi]


def _extent(order: Order, scenario: Scenario, thrombus: Thrombus) -> Extent:
    by_name = scenario.vessels.by_name
    named = {by_name[clot.vessel].segment for clot in thrombus.clots if clot.vessel in by_name}
    segments = {segment for segment in named if segment is not None}
    proximal = {segment for segment in segments if segment.level is Level.PROXIMAL}
    spans = [
        (max(c.low_mm, v.tube.low_mm), min(c.high_mm, v.tube.high_mm))
        for c in thrombus.clots
        if (v := by_name.get(c.vessel)) is not None
    ]
    length = max(high for _, high in spans) - min(low for low, _ in spans)
    levels = sum(bool(segments.intersection(level)) for level in _LEVELS)
    return Extent(
        study=order.name,
        side=thrombus.side,
        length_cm=round(length / 10, 2),
        volume_ml=round(_volume_ml(scenario, thrombus), 3),
        segments=levels + any(segment.level is Level.DISTAL for segment in segments),
        proximal=bool(proximal),
        iliofemoral=bool(segments.intersection(_LEVELS[0] + _LEVELS[1])),
        acute=thrombus.acute,
        occlusive=thrombus.occlusive,
    )


def _volume_ml(scenario: Scenario, thrombus: Thrombus) -> float:
    """The sum over sections of the lumen's area, widened, times the part that is filled."""
    total = 0.0
    for clot in thrombus.clots:
        vessel = scenario.vessels.by_name.get(clot.vessel)
        if vessel is None:
            continue
        low, high = max(clot.low_mm, vessel.tube.low_mm), min(clot.high_mm, vessel.tube.high_mm)
        for z in np.arange(low + _STEP_MM / 2, high, _STEP_MM).tolist():
            lumen, cut = vessel.tube.at(z), clot.at(z, sum(vessel.tube.radii(z)) / 2)
            if lumen is not None and cut is not None:
                total += lumen.area * cut.widening**2 * cut.fill**2 * _STEP_MM
    return total / 1000
