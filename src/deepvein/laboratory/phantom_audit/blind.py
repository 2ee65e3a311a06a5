"""The network that sees everything except the veins: it must not know who has DVT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side
from deepvein.evaluation.curves import auroc
from deepvein.evaluation.statistics import Estimate, bootstrap
from deepvein.laboratory.phantom_audit.folds import folds
from deepvein.laboratory.phantom_audit.network import Schedule, cross_validate
from deepvein.laboratory.phantom_audit.sections import Section, Sections, nearest, sections_of
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import Order
from deepvein.phantoms.phantom import Scenario
from deepvein.phantoms.thrombosis.secondary_signs import Reactions

LIMIT = 0.60
"""The AUROC above which something other than the veins would tell who is ill."""

MARGIN_MM = 15.0
SIZE = 48
PIXEL_MM = 4.2
LEVELS = (0.35, 0.6, 0.8, 1.05, 1.25, 1.45, 1.65, 1.85, 2.1, 2.35, 2.6, 2.85)
"""Landmark coordinates of the sections that are shown, where the study covers them."""
_SCHEDULE = Schedule(epochs=12, batch=64, shift=2)


@dataclass(frozen=True)
class Blind:
    """AUROC for "has DVT" by study, out of fold.

    without_reactions: the same of limbs that do not react to their thrombi by swelling, stranding or
    collateral veins: what is left would be a flaw of the phantoms.
    """

    auroc: Estimate
    without_reactions: Estimate
    studies: int
    sections: int


@dataclass(frozen=True, eq=False)
class Hidden:
    """One study: (sections, 2, row, column), the right leg and the left one mirrored, veins hidden.

    calm: the same without the limbs' reactions to thrombi.
    """

    study: str
    dvt: bool
    pictures: NDArray[np.float32]
    calm: NDArray[np.float32]


def judge(settings: AuditSettings, every: Sequence[Hidden]) -> Blind:
    """Train by folds of studies; one whose coverage holds none of the levels is left out."""
    found = [one for one in every if len(one.pictures)]
    return Blind(
        auroc=_read(found, [one.pictures for one in found], settings.seed),
        without_reactions=_read(found, [one.calm for one in found], settings.seed),
        studies=len(found),
        sections=sum(len(one.pictures) for one in found),
    )


def _read(found: list[Hidden], pictures: list[NDArray[np.float32]], seed: int) -> Estimate:
    """Train on sections, each with its study's diagnosis; a study's score is its sections' mean."""
    count = [len(own) for own in pictures]
    ill = np.array([one.dvt for one in found])
    studies = [one.study for one in found]
    fold = np.repeat(folds(studies, ill.tolist()), count)
    truth = np.repeat(ill, count)
    one_section = np.concatenate(pictures)[:, None]
    logits = cross_validate(one_section, truth, fold, seed, _SCHEDULE)
    score = np.array([part.mean() for part in np.split(logits, np.cumsum(count)[:-1])])
    return bootstrap(lambda rows: auroc(score[rows], ill[rows]), studies)


def hidden(order: Order, scenario: Scenario, sections: Sections) -> Hidden:
    """Up to twelve sections of one study without its veins.

    What hides them is drawn around the person's veins as they grew, before disease, on both sides alike:
    the mask itself says nothing.
    """
    seen = _stack(scenario, sections)
    calm = seen
    if scenario.thrombi:
        without = replace(scenario, reactions=Reactions())
        calm = _stack(without, sections_of(without))
    return Hidden(order.name, bool(scenario.thrombi), seen, calm)


def _stack(scenario: Scenario, sections: Sections) -> NDArray[np.float32]:
    low, high = scenario.scan.covered_mm
    heights = [z for z in scenario.frame.z(LEVELS).tolist() if low <= z <= high]
    indices = [nearest(sections.heights_mm, z) for z in heights]
    pictures = [_legs(sections.section(index), scenario) for index in indices]
    shape = (0, 2, SIZE, SIZE)
    stack = np.stack(pictures) if pictures else np.zeros(shape, dtype=np.float32)
    return stack.astype(np.float32)


def _legs(section: Section, scenario: Scenario) -> NDArray[np.float32]:
    visible = ~vein_neighbourhood(section, scenario)
    t = min(float(scenario.frame.t(section.z_mm)), 2.0)
    legs, seen = [], []
    for side in (Side.RIGHT, Side.LEFT):
        x, y, _, _ = (float(value[0]) for value in scenario.frame.axis(side, t))
        turn = slice(None, None, -1 if side is Side.LEFT else 1)
        size = (SIZE, SIZE)
        legs.append(section.crop(section.normalised * visible, x, y, size, PIXEL_MM)[:, turn])
        seen.append(section.crop(visible.astype(np.float32), x, y, size, PIXEL_MM)[:, turn])
    both = np.minimum(*seen) > 0.999
    return np.stack([leg * both for leg in legs])


def vein_neighbourhood(section: Section, scenario: Scenario) -> NDArray[np.bool_]:
    """(rows, columns) True within 15 mm of a vein as it was before disease."""
    out = np.zeros(section.pixels.shape, dtype=bool)
    for vein in scenario.vessels.veins:
        ellipse = vein.tube.at(section.z_mm)
        if ellipse is None:
            continue
        window = section.pixels.around([ellipse], MARGIN_MM + 1)
        if window is not None:
            # The first-order distance falls short far outside a flat ellipse; a disc of the longer
            # radius holds whatever lies within the margin.
            reach = max(ellipse.half_width, ellipse.half_height) + MARGIN_MM
            x, y = window.x - ellipse.x, (window.y - ellipse.y)[:, None]
            out[window.place] |= x * x + y * y <= reach * reach
    return out
