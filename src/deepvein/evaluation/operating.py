"""Choosing the threshold that turns probabilities into verdicts, on validation studies."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from deepvein.core.errors import CohortError
from deepvein.evaluation.curves import Roc, Tally, roc
from deepvein.findings.screening import OperatingPoint


def at_sensitivity(
    probability: ArrayLike, truth: ArrayLike, sensitivity: float, measured_on: str
) -> OperatingPoint:
    """The highest threshold that still finds at least `sensitivity`, (0, 1], of the positive studies."""
    if not 0 < sensitivity <= 1:
        raise CohortError(f"a sensitivity lies above 0 and up to 1, got {sensitivity}")
    curve = roc(Tally.of(probability, truth))
    place = int(np.flatnonzero(curve.sensitivity >= sensitivity - 1e-12)[0])
    return _point(curve, place, f"sensitivity {sensitivity:.0%}", measured_on)


def by_youden(probability: ArrayLike, truth: ArrayLike, measured_on: str) -> OperatingPoint:
    """The threshold of the greatest sensitivity + specificity - 1 (Youden 1950, Cancer 3:32)."""
    curve = roc(Tally.of(probability, truth))
    place = int((curve.sensitivity - curve.false_positive_rate)[1:].argmax()) + 1
    return _point(curve, place, "Youden", measured_on)


def _point(curve: Roc, place: int, name: str, measured_on: str) -> OperatingPoint:
    """Halfway to the next lower score: a score a hair below the threshold is not a different study."""
    scores = curve.thresholds
    lower = scores[place + 1] if place + 1 < len(scores) else scores[place]
    return OperatingPoint(
        name=name,
        threshold=float((scores[place] + lower) / 2),
        sensitivity=float(curve.sensitivity[place]),
        specificity=float(1 - curve.false_positive_rate[place]),
        measured_on=measured_on,
    )
