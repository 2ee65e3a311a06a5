"""Choosing the threshold that turns probabilities into verdicts, on validation studies."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from deepvein.evaluation.curves import Tally, roc
from deepvein.findings.screening import OperatingPoint


def by_specificity(
    probability: ArrayLike, truth: ArrayLike, measured_on: str, least: float = 0.9
) -> OperatingPoint:
    """The most sensitive threshold whose specificity is `least` or more; where none reaches it, the most
    specific one.

    probability, truth: (n,) of studies. Raises CohortError unless both outcomes occur.
    """
    curve = roc(Tally.of(probability, truth))
    # The first threshold calls nobody ill.
    specific = 1 - curve.false_positive_rate[1:] >= least
    place = max(1, int(specific.sum()))
    # Calling fewer ill that are well costs nothing where as many of the ill are found.
    place = 1 + int(np.searchsorted(curve.sensitivity[1:], curve.sensitivity[place]))
    # Halfway to the next lower score: a score a hair below the threshold is not a different study.
    scores = curve.thresholds
    lower = scores[place + 1] if place + 1 < len(scores) else scores[place]
    return OperatingPoint(
        name=f"specificity {least:.0%}".replace("%", " %"),
        threshold=float((scores[place] + lower) / 2),
        sensitivity=float(curve.sensitivity[place]),
        specificity=float(1 - curve.false_positive_rate[place]),
        measured_on=measured_on,
    )
