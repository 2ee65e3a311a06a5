"""Receiver operating characteristic and precision–recall, exact and in bounded memory.

Everything is computed from a `Tally`: how many positives and negatives have each score. Byte
probabilities have 256 scores, so that the pixels of any number of studies are tallied exactly.
scikit-learn gives the same areas to the last digit; on 200 cases it takes 38 times as long, which 2,000
bootstrap draws of some twenty figures would feel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepvein.core.errors import CohortError
from deepvein.evaluation.scores import binary, levels, numbers

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tally:
    """(n,) distinct scores, ascending, and how many positives and negatives have each."""

    scores: Float
    positives: NDArray[np.int64]
    negatives: NDArray[np.int64]

    @classmethod
    def of(cls, scores: ArrayLike, truth: ArrayLike) -> Tally:
        """From (n,) scores and (n,) truth (0 or 1).

        Scores that differ by rounding alone are one (`evaluation.scores.levels`). Raises CohortError for
        lengths that differ, scores that are not finite and truths that are neither 0 nor 1.
        """
        values = numbers(scores).ravel()
        is_positive = binary(truth)
        if len(values) != len(is_positive):
            raise CohortError(
                f"{len(values)} scores and {len(is_positive)} truths do not belong together"
            )
        if not np.isfinite(values).all():
            raise CohortError("scores must be finite numbers")
        distinct, place = levels(values)
        positives = np.bincount(place, weights=is_positive, minlength=len(distinct))
        everything = np.bincount(place, minlength=len(distinct))
        ones = positives.astype(np.int64)
        return cls(distinct, ones, everything - ones)

    def __add__(self, other: Tally) -> Tally:
        scores = np.union1d(self.scores, other.scores)
        positives, negatives = np.zeros(len(scores), np.int64), np.zeros(len(scores), np.int64)
        for one in (self, other):
            place = np.searchsorted(scores, one.scores)
            positives[place] += one.positives
            negatives[place] += one.negatives
        return Tally(scores, positives, negatives)

    def above(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """True and false positives with each score as the threshold (score >= threshold), descending."""
        return np.cumsum(self.positives[::-1]), np.cumsum(self.negatives[::-1])


@dataclass(frozen=True, eq=False)
class Roc:
    """Points from (0, 0) to (1, 1); thresholds descend from infinity: positive is score >= threshold."""

    thresholds: Float
    false_positive_rate: Float
    sensitivity: Float

    @property
    def area(self) -> float:
        """AUROC by the trapezoidal rule, which counts ties as half."""
        return float(np.trapezoid(self.sensitivity, self.false_positive_rate))


@dataclass(frozen=True, eq=False)
class PrecisionRecall:
    """One point for each distinct score as the threshold, descending."""

    thresholds: Float
    precision: Float
    recall: Float

    @property
    def average_precision(self) -> float:
        """Sum of precision times the step in recall, without interpolation (as scikit-learn has it)."""
        return float(np.sum(np.diff(self.recall, prepend=0.0) * self.precision))


def roc(tally: Tally) -> Roc:
    """The ROC curve. Raises CohortError unless both outcomes occur."""
    true, false = tally.above()
    if not len(true) or true[-1] == 0 or false[-1] == 0:
        raise CohortError("a ROC curve needs positive and negative cases")
    return Roc(
        thresholds=np.concatenate([[np.inf], tally.scores[::-1]]),
        false_positive_rate=np.concatenate([[0.0], false / false[-1]]),
        sensitivity=np.concatenate([[0.0], true / true[-1]]),
    )


def precision_recall(tally: Tally) -> PrecisionRecall:
    """The precision–recall curve. Raises CohortError without a positive case."""
    true, false = tally.above()
    if not len(true) or true[-1] == 0:
        raise CohortError("a precision–recall curve needs positive cases")
    shown = (true + false) > 0
    return PrecisionRecall(
        thresholds=tally.scores[::-1][shown],
        precision=true[shown] / (true + false)[shown],
        recall=true[shown] / true[-1],
    )


def auroc(scores: ArrayLike, truth: ArrayLike) -> float:
    """Area under the ROC curve, [0, 1]; NaN for a missing score or a single outcome, so that resampling can go
    on. Raises CohortError for lengths that differ and truths that are neither 0 nor 1."""
    tally = _tally(scores, truth)
    if tally is None or not tally.positives.any() or not tally.negatives.any():
        return float("nan")
    return roc(tally).area


def average_precision(scores: ArrayLike, truth: ArrayLike) -> float:
    """Average precision, [0, 1]; NaN for a missing score or without a positive case. Errors as for `auroc`."""
    tally = _tally(scores, truth)
    if tally is None or not tally.positives.any():
        return float("nan")
    return precision_recall(tally).average_precision


def _tally(scores: ArrayLike, truth: ArrayLike) -> Tally | None:
    """The tally, or None where a score is missing or not finite."""
    values = numbers(scores).ravel()
    known = np.isfinite(values)
    tally = Tally.of(np.where(known, values, 0.0), truth)
    return tally if known.all() else None
