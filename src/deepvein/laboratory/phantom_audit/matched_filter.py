"""The reader who knows place and shape of a thrombus: only noise can hide it from a matched filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Level
from deepvein.core.progress import Progress
from deepvein.core.seeds import derive, generator
from deepvein.core.workers import spread
from deepvein.evaluation.statistics import Estimate, Summary, bootstrap, summary
from deepvein.laboratory.phantom_audit.sections import Sections, nearest, sections_of
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import Order, orders
from deepvein.laboratory.phantom_audit.thrombus_extents import drawn, stretches
from deepvein.phantoms.phantom import Scenario
from deepvein.phantoms.vessels.vascular_tree import Vessel

PLAIN = 3.0
"""Signal to noise in one section below which a thrombus counts as hidden: AUROC 0.983."""

_PEOPLE = 40
_PER_THROMBUS = 3
_REACH_MM = 16.0
_MARGIN_MM = 3.0

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Match:
    """Signal to noise of one section through a thrombus; proximal: from the knee upwards."""

    study: str
    thrombus: int
    snr: float
    proximal: bool


@dataclass(frozen=True)
class MatchedFilter:
    """What a filter of the exact shape reaches in one section.

    auroc: for "thrombus here, or the same vein without it", the mean over sections; auroc_calf: of those below
    the knee. hidden: the share of thrombi of whose sections none reaches `PLAIN`. snr: of all sections.
    """

    auroc: Estimate
    auroc_calf: Estimate
    hidden: Estimate
    snr: Summary
    people: int
    thrombi: int


def measure(settings: AuditSettings, progress: Progress) -> MatchedFilter:
    """Paint sections through thrombi of some people with DVT three times."""
    todo = orders(settings, dvt=True, n=min(_PEOPLE, settings.n))
    found = spread(matches, todo, settings.workers, stage="matched filter", progress=progress)
    return judge([one for many in found for one in many])


def judge(seen: Sequence[Match]) -> MatchedFilter:
    """Figures over sections; NaN where there is none."""
    calf = [one for one in seen if not one.proximal]
    best: dict[tuple[str, int], float] = {}
    for one in seen:
        key = one.study, one.thrombus
        best[key] = max(best.get(key, 0.0), one.snr)
    hidden = np.array([snr < PLAIN for snr in best.values()], dtype=np.float64)
    return MatchedFilter(
        auroc=_auroc(seen),
        auroc_calf=_auroc(calf),
        hidden=_mean(hidden, [study for study, _ in best]),
        snr=summary([one.snr for one in seen]),
        people=len({one.study for one in seen}),
        thrombi=len(best),
    )


def _auroc(seen: Sequence[Match]) -> Estimate:
    """Of two normal distributions that lie `snr` apart (Barrett and Myers 2004, 13.2)."""
    from scipy.stats import norm

    values = norm.cdf(np.array([one.snr for one in seen]) / np.sqrt(2))
    return _mean(values, [one.study for one in seen])


def _mean(values: Float, studies: Sequence[str]) -> Estimate:
    if not len(values):
        return Estimate(float("nan"), float("nan"), float("nan"))
    return bootstrap(lambda rows: float(values[rows].mean()), studies)


def matches(order: Order) -> list[Match]:
    """Some sections through each thrombus of a study, beside the same vein without thrombus and beside
    themselves with other noise."""
    scenario = order.scenario()
    other = replace(scenario.scan, seed=derive(order.seed, "audit", "other noise") % 2**31)
    painted = sections_of(scenario)
    healthy = sections_of(replace(scenario, thrombi=()))
    again = sections_of(replace(scenario, scan=other))
    rng = generator(order.seed, "audit", "matched filter")
    found, noises = [], []
    for number, vessel, z in _places(rng, scenario):
        cut = _cut(painted, healthy, again, vessel, z)
        if cut is not None:
            found.append((number, _is_proximal(vessel), cut[0]))
            noises.append(cut[1])
    if not found:
        return []
    power = np.mean([np.abs(np.fft.fft2(noise)) ** 2 for noise in noises], axis=0)
    return [
        Match(order.name, number, signal_to_noise(signal, power), proximal)
        for number, proximal, signal in found
    ]


def _is_proximal(vessel: Vessel) -> bool:
    return vessel.segment is not None and vessel.segment.level is Level.PROXIMAL


def signal_to_noise(signal: Float, power: Float) -> float:
    """Of a filter with the shape of the signal in stationary noise, which it does not whiten.

    signal: (row, column), the mean difference. power: (row, column), the mean squared modulus of the noise's
    discrete Fourier transform. 0 without a signal, infinite without noise. ICRU Report 54 (1996):
    "non-prewhitening matched filter".
    """
    energy = float((signal**2).sum())
    spread_of = float((np.abs(np.fft.fft2(signal)) ** 2 * power).sum()) / signal.size**2
    if energy == 0.0:
        return 0.0
    return float("inf") if spread_of == 0.0 else energy / spread_of**0.5


def _places(rng: np.random.Generator, scenario: Scenario) -> list[tuple[int, Vessel, float]]:
    """Thrombus, vein and height, from the feet up."""
    out = []
    clots = stretches(scenario, _MARGIN_MM) or stretches(scenario)
    for thrombus in scenario.thrombi:
        own = [one for one in clots if one.thrombus is thrombus]
        for _ in range(_PER_THROMBUS):
            place = drawn(rng, own)
            out += [] if place is None else [(thrombus.number, *place)]
    return sorted(out, key=lambda place: place[2])


def _cut(
    painted: Sections, healthy: Sections, again: Sections, vessel: Vessel, z: float
) -> tuple[Float, Float] | None:
    """Signal and noise in a square around the vein; None where the section shows no thrombus there, or the
    square leaves it."""
    from scipy.ndimage import binary_dilation

    index = nearest(painted.heights_mm, z)
    section, without, anew = (one.section(index) for one in (painted, healthy, again))
    x, y = section.pixels.x_mm, section.pixels.y_mm
    centre = vessel.tube.centre([section.z_mm])[0]
    place = []
    for axis, middle in ((y, centre[1]), (x, centre[0])):
        half = round(_REACH_MM / abs(float(axis[1] - axis[0])))
        at = int(np.argmin(np.abs(axis - middle)))
        if at < half or at + half > len(axis):
            return None
        place.append(slice(at - half, at + half))
    square = tuple(place)
    clot = section.thrombi[square] > 0
    if not clot.any():
        return None
    # Edges of the defect are as wide as the point spread; what else differs is not the thrombus.
    near = binary_dilation(clot, iterations=2)
    signal = np.where(
        near, section.picture[square].astype(np.float64) - without.picture[square], 0.0
    )
    noise = (section.picture[square].astype(np.float64) - anew.picture[square]) / np.sqrt(2)
    return signal, noise
