"""The reader who calls the darkest vein thrombosed: it must confuse thrombi with unmixed blood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import VeinSegment
from deepvein.core.seeds import generator
from deepvein.evaluation.curves import auroc
from deepvein.evaluation.statistics import Estimate, Summary, bootstrap, summary
from deepvein.laboratory.phantom_audit.sections import Section, Sections, nearest
from deepvein.laboratory.phantom_audit.studies import Order
from deepvein.laboratory.phantom_audit.thrombus_extents import drawn, stretches
from deepvein.phantoms.phantom import Scenario
from deepvein.phantoms.vessels.vascular_tree import Vessel

LIMIT = 0.80
"""The AUROC above which attenuation alone would tell thrombi from mixing artefacts."""

_SMOOTHING_MM = 2.0
_MARGIN_MM = 3.0
_PER_THROMBUS = 5
_PER_ARTEFACT = 3
_LEAST_PIXELS = 6

_BIG = (
    VeinSegment.INFERIOR_VENA_CAVA,
    VeinSegment.COMMON_ILIAC,
    VeinSegment.EXTERNAL_ILIAC,
    VeinSegment.COMMON_FEMORAL,
    VeinSegment.FEMORAL,
    VeinSegment.POPLITEAL,
)


@dataclass(frozen=True)
class Sighting:
    """The lowest smoothed value in one vein in one section (HU, or MR signal over muscle's)."""

    study: str
    value: float
    thrombus: bool
    proximal: bool


@dataclass(frozen=True)
class DarkReader:
    """AUROC of the lowest value for "thrombus, not artefact": in all veins and from the knee upwards.

    thrombus, artefact: those values in sections with thrombus, and with at least half of a mixing
    artefact's depth.
    """

    auroc: Estimate
    auroc_proximal: Estimate
    thrombus: Summary
    artefact: Summary
    thrombus_values: tuple[float, ...]
    artefact_values: tuple[float, ...]


def judge(seen: Sequence[Sighting]) -> DarkReader:
    """How well the lowest values tell thrombi from artefacts."""
    values = {
        thrombus: [s.value for s in seen if s.thrombus is thrombus] for thrombus in (True, False)
    }
    return DarkReader(
        auroc=_auroc(seen),
        auroc_proximal=_auroc([s for s in seen if s.proximal]),
        thrombus=summary(values[True]),
        artefact=summary(values[False]),
        thrombus_values=tuple(round(v, 3) for v in values[True]),
        artefact_values=tuple(round(v, 3) for v in values[False]),
    )


def sightings(order: Order, scenario: Scenario, sections: Sections) -> list[Sighting]:
    """What the reader sees of one study: some sections through every thrombus and every artefact."""
    rng = generator(order.seed, "audit", "dark reader")
    by_name = scenario.vessels.by_name
    low, high = scenario.scan.covered_mm
    todo: list[tuple[Vessel, float, bool]] = []
    clots = stretches(scenario, _MARGIN_MM)
    for thrombus in scenario.thrombi:
        own = [one for one in clots if one.thrombus is thrombus]
        for _ in range(_PER_THROMBUS):
            place = drawn(rng, own)
            todo += [] if place is None else [(*place, True)]
    for artefact in scenario.contrast.artefacts:
        for place in rng.uniform(-0.25, 0.25, _PER_ARTEFACT):
            z = artefact.centre_mm + float(place) * artefact.length_mm
            names = (artefact.vessel, *artefact.vessels)
            here = [v for name in names if (v := by_name.get(name)) and _reaches(v, z)]
            if here and low <= z <= high:
                todo.append((here[0], z, False))
    seen = [_sighting(order, sections, *one) for one in sorted(todo, key=_by_height)]
    return [one for one in seen if one is not None]


def _reaches(vessel: Vessel, z_mm: float) -> bool:
    return vessel.tube.low_mm <= z_mm <= vessel.tube.high_mm


def _by_height(place: tuple[Vessel, float, bool]) -> float:
    return place[1]


def _sighting(
    order: Order, sections: Sections, vessel: Vessel, z: float, thrombus: bool
) -> Sighting | None:
    """None where the section does not show the vein, or shows thrombus where an artefact is wanted."""
    section = sections.section(nearest(sections.heights_mm, z))
    centre = vessel.tube.centre([section.z_mm])[0]
    mask = (section.segments == vessel.label) & _near(section, centre, 20.0)
    clotted = bool((mask & (section.thrombi > 0)).any())
    if vessel.label == 0 or mask.sum() < _LEAST_PIXELS or clotted is not thrombus:
        return None
    value = lowest(section, mask) / section.unit
    return Sighting(order.name, value, thrombus, vessel.segment in _BIG)


def _near(section: Section, centre: NDArray[np.float64], reach_mm: float) -> NDArray[np.bool_]:
    x, y = section.pixels.x_mm, section.pixels.y_mm
    across, down = np.abs(x - centre[0]) < reach_mm, np.abs(y - centre[1]) < reach_mm
    near: NDArray[np.bool_] = down[:, None] & across
    return near


def lowest(section: Section, mask: NDArray[np.bool_]) -> float:
    """The lowest value in the mask after smoothing with a 2 mm (SD) Gaussian that sees the mask alone."""
    from scipy.ndimage import gaussian_filter

    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    place = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    weight = mask[place].astype(np.float64)
    spacing = [float(abs(axis[1] - axis[0])) for axis in (section.pixels.y_mm, section.pixels.x_mm)]
    sigma = [_SMOOTHING_MM / s for s in spacing]
    total = gaussian_filter(weight * section.picture[place], sigma, mode="constant")
    share = gaussian_filter(weight, sigma, mode="constant")
    return float((total[mask[place]] / share[mask[place]]).min())


def _auroc(seen: Sequence[Sighting]) -> Estimate:
    score = np.array([-s.value for s in seen])
    truth = np.array([s.thrombus for s in seen])
    if not len(seen):
        return Estimate(float("nan"), float("nan"), float("nan"))
    return bootstrap(lambda rows: auroc(score[rows], truth[rows]), [s.study for s in seen])
