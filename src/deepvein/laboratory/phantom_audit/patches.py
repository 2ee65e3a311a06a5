"""Veins cut out of sections: what the audit's networks are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side
from deepvein.core.seeds import generator
from deepvein.laboratory.phantom_audit.sections import Section, Sections, nearest
from deepvein.laboratory.phantom_audit.studies import Order
from deepvein.laboratory.phantom_audit.thrombus_extents import drawn, stretches
from deepvein.phantoms.phantom import Scenario
from deepvein.phantoms.vessels.vascular_tree import Vessel

SIZE = 24
PIXEL_MM = 1.25
_JITTER_MM = 2.0
_REACH_MM = 10.0
_LEAST_PIXELS = 4


@dataclass(frozen=True)
class Place:
    """A point on a vein's centreline, jittered across it; the person's coordinates, mm."""

    x: float
    y: float
    z: float


@dataclass(frozen=True, eq=False)
class Patches:
    """Of one study: (n, 1, 2, row, column), the picture and the true veins (0 to 1), and (n,) whether there is
    thrombus."""

    study: str
    pictures: NDArray[np.float32]
    thrombus: NDArray[np.bool_]


def places(order: Order, scenario: Scenario, heights: int) -> tuple[tuple[Place, ...], ...]:
    """For each of `heights` heights two places: on a vein, and on its fellow of the other side.

    Heights are drawn in turn from the thrombi (twice), from the mixing artefacts and from the deep axis,
    so that dark veins without thrombus are not rarer than thrombi.
    """
    rng = generator(order.seed, "audit", "places")
    low, high = scenario.scan.covered_mm
    out = []
    for k in range(heights):
        chosen = None
        if k % 2 == 0:
            chosen = drawn(rng, stretches(scenario))
        elif k % 4 == 1:
            chosen = _in_an_artefact(rng, scenario)
        vessel, z = chosen or _in_the_axis(rng, scenario)
        z = min(max(z, low), high)
        names = (vessel.name, _fellow(vessel.name))
        vessels = [scenario.vessels.by_name.get(name) for name in names]
        out.append(tuple(_place(rng, v, z) for v in vessels if v is not None))
    return tuple(out)


def _in_an_artefact(rng: np.random.Generator, scenario: Scenario) -> tuple[Vessel, float] | None:
    low, high = scenario.scan.covered_mm
    artefacts = [a for a in scenario.contrast.artefacts if low < a.centre_mm < high]
    if not artefacts:
        return None
    artefact = artefacts[int(rng.integers(len(artefacts)))]
    z = artefact.centre_mm + float(rng.uniform(-0.25, 0.25)) * artefact.length_mm
    through = [scenario.vessels.by_name[name] for name in (artefact.vessel, *artefact.vessels)]
    here = [v for v in through if v.tube.low_mm <= z <= v.tube.high_mm]
    return (here or through)[0], z


def _in_the_axis(rng: np.random.Generator, scenario: Scenario) -> tuple[Vessel, float]:
    side = Side.LEFT if rng.random() < 0.5 else Side.RIGHT
    low, high = scenario.scan.covered_mm
    axis = scenario.vessels.axis(side)
    bottom, top = max(low, axis[0].tube.low_mm), min(high, axis[-1].tube.high_mm)
    z = float(rng.uniform(bottom, max(top, bottom)))
    return next((v for v in axis if z <= v.tube.high_mm), axis[-1]), z


def _fellow(name: str) -> str:
    """The name of the vessel of the other side; one in the midline has none."""
    side, _, rest = name.partition(" ")
    other = {"left": "right", "right": "left"}.get(side, "")
    return f"{other} {rest}"


def _place(rng: np.random.Generator, vessel: Vessel, z: float) -> Place:
    x, y = vessel.tube.centre([z])[0] + rng.uniform(-_JITTER_MM, _JITTER_MM, 2)
    return Place(float(x), float(y), z)


def cut(order: Order, sections: Sections, at: tuple[tuple[Place, ...], ...]) -> Patches:
    """One patch of the nearest section around each of the places."""
    pictures, thrombus = [], []
    for group in sorted(at, key=lambda group: group[0].z):
        section = sections.section(nearest(sections.heights_mm, group[0].z))
        pictures += [_patch(section, place) for place in group]
        thrombus += [_shows_thrombus(section, place) for place in group]
    return Patches(order.name, np.stack(pictures)[:, None], np.array(thrombus))


def _patch(section: Section, place: Place) -> NDArray[np.float32]:
    veins = (section.segments > 0).astype(np.float32)
    planes = [
        section.crop(plane, place.x, place.y, (SIZE, SIZE), PIXEL_MM)
        for plane in (section.normalised, veins)
    ]
    return np.stack(planes).astype(np.float32)


def _shows_thrombus(section: Section, place: Place) -> bool:
    x, y = section.pixels.x_mm - place.x, section.pixels.y_mm - place.y
    near = (np.abs(y) < _REACH_MM)[:, None] & (np.abs(x) < _REACH_MM)
    return int((section.thrombi[near] > 0).sum()) >= _LEAST_PIXELS


def joined(patches: Sequence[Patches]) -> tuple[NDArray[np.float32], NDArray[np.bool_], list[str]]:
    """All pictures, their truth, and the study of each."""
    pictures = np.concatenate([p.pictures for p in patches])
    thrombus = np.concatenate([p.thrombus for p in patches])
    return pictures, thrombus, [p.study for p in patches for _ in p.thrombus]
