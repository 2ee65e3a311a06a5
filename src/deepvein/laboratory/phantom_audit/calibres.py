"""How wide the veins are, healthy and thrombosed, beside published figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from deepvein.anatomy.veins import VeinSegment
from deepvein.core.progress import Progress
from deepvein.core.workers import spread
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import Order, orders
from deepvein.phantoms.phantom import Scenario

_END = 0.15
"""The part at each end of a vein, where it opens into the next, that is left out."""


@dataclass(frozen=True)
class Calibre:
    """Diameters of one segment over people and sides, mm: median and 5th and 95th percentile.

    label: the segment's value, as settings files hold numbers.
    """

    label: int
    count: int
    median: float
    p5: float
    p95: float

    @property
    def segment(self) -> VeinSegment:
        return VeinSegment(self.label)


@dataclass(frozen=True)
class Calibres:
    """healthy: equivalent diameter across each vein, median along it. thrombosed: of acute thrombi, the
    widened vein from front to back in axial sections, one in every 2 cm of a clot."""

    healthy: tuple[Calibre, ...]
    thrombosed: tuple[Calibre, ...]


@dataclass(frozen=True)
class Width:
    """One diameter, mm."""

    segment: VeinSegment
    diameter_mm: float
    thrombosed: bool


def measure(settings: AuditSettings, progress: Progress) -> Calibres:
    """Sample as many people with DVT as the audit has studies; nothing is painted."""
    todo = orders(settings, dvt=True)
    found = list(
        chain.from_iterable(
            spread(widths, todo, settings.workers, stage="diameters", progress=progress)
        )
    )
    return Calibres(
        healthy=_calibres([one for one in found if not one.thrombosed]),
        thrombosed=_calibres([one for one in found if one.thrombosed]),
    )


def widths(order: Order) -> list[Width]:
    """The diameters of one person's named veins, and of the acute thrombi in them."""
    scenario = order.scenario()
    return [*_healthy(scenario), *_thrombosed(scenario)]


def _healthy(scenario: Scenario) -> list[Width]:
    out = []
    for vessel in scenario.vessels.veins:
        if vessel.segment is None:
            continue
        nodes = vessel.tube.nodes
        cut = int(_END * len(nodes))
        inner = nodes[cut : len(nodes) - cut] if len(nodes) > 2 * cut else nodes
        diameter = float(np.median(2 * np.sqrt(inner[:, 2] * inner[:, 3])))
        out.append(Width(vessel.segment, round(diameter, 2), False))
    return out


def _thrombosed(scenario: Scenario) -> list[Width]:
    out = []
    clots = [clot for t in scenario.thrombi if t.acute for clot in t.clots]
    for clot in clots:
        vessel = scenario.vessels.by_name.get(clot.vessel)
        if vessel is None or vessel.segment is None:
            continue
        for z in np.arange(clot.low_mm + 10, clot.high_mm - 5, 20).tolist():
            lumen, cut = vessel.tube.at(z), clot.at(z, sum(vessel.tube.radii(z)) / 2)
            if lumen is not None and cut is not None:
                height = 2 * lumen.half_height * cut.widening
                out.append(Width(vessel.segment, round(height, 2), True))
    return out


def _calibres(found: Sequence[Width]) -> tuple[Calibre, ...]:
    out = []
    for segment in VeinSegment:
        own = [one.diameter_mm for one in found if one.segment is segment]
        if own:
            p5, median, p95 = np.percentile(own, (5, 50, 95)).round(2).tolist()
            out.append(Calibre(int(segment), len(own), median, p5, p95))
    return tuple(out)
