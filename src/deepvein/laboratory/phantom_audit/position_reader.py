"""The reader who knows where a section lies, and nothing of what it shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from deepvein.core.progress import Progress
from deepvein.core.seeds import derive
from deepvein.core.workers import spread
from deepvein.evaluation.curves import auroc
from deepvein.evaluation.statistics import Estimate, bootstrap
from deepvein.laboratory.phantom_audit.folds import folds
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import Order, orders
from deepvein.laboratory.phantom_audit.thrombus_extents import stretches

Float = NDArray[np.float64]

_STEP_MM = 5.0
_SMOOTHING = 0.12
"""SD, in landmark coordinates, of the frequency of disease along the body."""
_T = np.linspace(-0.2, 3.4, 145)
_SHOWN = np.round(np.linspace(0, 3.1, 32), 2)


@dataclass(frozen=True)
class Course:
    """Where the sections of one study lie, every 5 mm: landmark coordinate, place between the lowest and
    the highest section (0 to 1), and whether a thrombus runs there."""

    study: str
    t: tuple[float, ...]
    height: tuple[float, ...]
    thrombus: tuple[bool, ...]


Coordinate = Callable[[Course], Float]


@dataclass(frozen=True)
class PositionReader:
    """AUROC for "this section has a thrombus".

    by_landmark, by_height: of a reader who learnt from the other studies of the audit how often there is
    thrombus at a landmark coordinate, or at a part of the scanned length. expected: of the anatomical
    distribution of disease itself, learnt from as many people who are not in the audit.
    """

    by_landmark: Estimate
    by_height: Estimate
    expected: Estimate
    frequency_t: tuple[float, ...]
    frequency: tuple[float, ...]


def measure(settings: AuditSettings, progress: Progress) -> PositionReader:
    """Sample scenarios; nothing is painted."""
    inside = list(
        spread(course, orders(settings), settings.workers, stage="positions", progress=progress)
    )
    others = replace(settings, seed=derive(settings.seed, "audit", "others") % 2**31)
    outside = list(
        spread(
            course, orders(others), settings.workers, stage="positions elsewhere", progress=progress
        )
    )
    elsewhere = Frequency.learnt(outside, _by_landmark)
    every = [one for one in inside if one.t]
    return PositionReader(
        by_landmark=_out_of_fold(every, _by_landmark),
        by_height=_out_of_fold(every, _by_height),
        expected=_auroc(every, [elsewhere(_by_landmark(c)) for c in every]),
        frequency_t=tuple(_SHOWN.tolist()),
        frequency=tuple(Frequency.learnt(every, _by_landmark)(_SHOWN).round(4).tolist()),
    )


def course(order: Order) -> Course:
    """The course of one study, from the thrombi's spans."""
    scenario = order.scenario()
    low, high = scenario.scan.covered_mm
    z = np.arange(low, high, _STEP_MM)
    there = np.zeros(len(z), dtype=bool)
    for one in stretches(scenario):
        there |= (z > one.low_mm) & (z < one.high_mm)
    height = (z - low) / max(high - low, 1.0)
    return Course(
        order.name,
        tuple(scenario.frame.t(z).round(4).tolist()),
        tuple(height.round(4).tolist()),
        tuple(there.tolist()),
    )


@dataclass(frozen=True, eq=False)
class Frequency:
    """How often sections show thrombus along a coordinate that runs from 0 to about 3."""

    at: Float
    share: Float

    @classmethod
    def learnt(cls, courses: Sequence[Course], coordinate: Coordinate) -> Frequency:
        """From courses, smoothed with a Gaussian of 0.12 (SD); 0 where no section lies."""
        places = np.concatenate([coordinate(c) for c in courses])
        there = np.concatenate([np.array(c.thrombus, dtype=np.float64) for c in courses])
        edges = np.append(_T - (_T[1] - _T[0]) / 2, _T[-1] + (_T[1] - _T[0]) / 2)
        ill, _ = np.histogram(places, edges, weights=there)
        every, _ = np.histogram(places, edges)
        kernel = np.exp(-0.5 * ((_T[:, None] - _T) / _SMOOTHING) ** 2)
        return cls(_T, (kernel @ ill) / np.maximum(kernel @ every, 1e-9))

    def __call__(self, place: Float) -> Float:
        return np.asarray(np.interp(place, self.at, self.share))


def _by_landmark(course: Course) -> Float:
    return np.array(course.t)


def _by_height(course: Course) -> Float:
    return 3 * np.array(course.height)


def _out_of_fold(courses: Sequence[Course], coordinate: Coordinate) -> Estimate:
    fold = folds([c.study for c in courses], [any(c.thrombus) for c in courses])
    scores = []
    for c, own in zip(courses, fold, strict=True):
        rest = [other for other, k in zip(courses, fold, strict=True) if k != own]
        scores.append(Frequency.learnt(rest, coordinate)(coordinate(c)))
    return _auroc(courses, scores)


def _auroc(courses: Sequence[Course], scores: Sequence[Float]) -> Estimate:
    score = np.concatenate(scores)
    truth = np.concatenate([np.array(c.thrombus) for c in courses])
    rows = [c.study for c in courses for _ in c.t]
    return bootstrap(lambda r: auroc(score[r], truth[r]), rows, draws=500)
