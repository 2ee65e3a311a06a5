"""Choosing the threshold that turns probabilities into verdicts, on validation studies."""

from __future__ import annotations

from numpy.typing import ArrayLike

from deepvein.evaluation.curves import Tally, roc
from deepvein.findings.screening import OperatingPoint


def by_youden(probability: ArrayLike, truth: ArrayLike, measured_on: str) -> OperatingPoint:
    """The threshold of the greatest sensitivity + specificity - 1 (Youden 1950, Cancer 3:32)."""
    curve = roc(Tally.of(probability, truth))
    place = int((curve.sensitivity - curve.false_positive_rate)[1:].argmax()) + 1
    # Halfway to the next lower score: a score a hair below the threshold is not a different study.
    scores = curve.thresholds
    lower = scores[place + 1] if place + 1 < len(scores) else scores[place]
    return OperatingPoint(
        name="Youden",
        threshold=float((scores[place] + lower) / 2),
        sensitivity=float(curve.sensitivity[place]),
        specificity=float(1 - curve.false_positive_rate[place]),
        measured_on=measured_on,
    )
