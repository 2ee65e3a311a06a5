"""Tests that two scores of the same cases have the same AUROC."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepvein.core.errors import CohortError
from deepvein.evaluation.scores import binary, levels, numbers

Float = NDArray[np.float64]

_NO_VARIANCE, _NO_DIFFERENCE = 1e-28, 1e-12
"""What rounding leaves of 0; one pair that changes its order among a million cases of either outcome has a
variance of 1e-25."""
_CANCELLED = 1e-12
"""And what it leaves where the shares of positive and negative cases cancel out, of their sum."""


def delong(first: ArrayLike, second: ArrayLike, truth: ArrayLike) -> float:
    """p of DeLong's two-sided test that two scores of the same (n,) cases have the same AUROC.

    DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44:837. It takes cases as independent; several of one
    patient need `clustered_delong`. Scores that differ by rounding alone are
    ties; 1 where the two AUROCs do not differ at all, and NaN where they differ though no case tells how much
    that varies, as between a score that is always right and one that is always wrong. Raises CohortError for
    fewer than two cases of either outcome, lengths that differ, and scores that are missing or not finite.
    """
    from scipy.special import ndtr

    y = binary(truth)
    if min(y.sum(), (~y).sum()) < 2:
        raise CohortError("DeLong's test needs two positive and two negative cases or more")
    positive, negative = _differing_placements(first, second, y)
    difference = positive.mean()
    variance = positive.var(ddof=1) / len(positive) + negative.var(ddof=1) / len(negative)
    if variance <= _NO_VARIANCE:
        return _without_variance(difference)
    return float(2 * ndtr(-abs(difference) / np.sqrt(variance)))


def clustered_delong(
    first: ArrayLike, second: ArrayLike, truth: ArrayLike, patients: Sequence[str]
) -> float:
    """p of the two-sided test that two scores of the same (n,) cases have the same AUROC, where several cases,
    such as slices, are one patient's.

    Obuchowski 1997, Biometrics 53:567, extends DeLong's test to such cases; with one case a patient its
    variance is DeLong's. p is that of Student's t with one degree of freedom less than there are patients
    with a positive case, or with a negative one where those are fewer: by the normal distribution 10 % of
    tests reject what is true with six such patients. Ties and what cannot be told are as with `delong`.
    Raises CohortError for fewer than two patients with a case of either outcome, else as `delong`.
    """
    from scipy.special import stdtr

    y = binary(truth)
    if len(patients) != len(y):
        raise CohortError(f"{len(patients)} patients and {len(y)} truths do not belong together")
    names, owner = np.unique(np.asarray(patients, dtype=np.str_), return_inverse=True)
    sick, well = len(np.unique(owner[y])), len(np.unique(owner[~y]))
    if min(sick, well) < 2:
        raise CohortError(
            "Obuchowski's test needs positive cases of two patients and negative ones of two or more"
        )
    positive, negative = _differing_placements(first, second, y)
    difference = positive.mean()
    # What each patient adds to the difference by positive cases, and by negative ones.
    own = np.bincount(owner[y], positive - difference, len(names)) / len(positive)
    other = np.bincount(owner[~y], negative - difference, len(names)) / len(negative)
    apart = sick / (sick - 1) * (own @ own) + well / (well - 1) * (other @ other)
    variance = apart + 2 * len(names) / (len(names) - 1) * (own @ other)
    if variance <= max(_NO_VARIANCE, _CANCELLED * float(apart)):
        return _without_variance(difference)
    return float(2 * stdtr(min(sick, well) - 1, -abs(difference) / np.sqrt(variance)))


def _without_variance(difference: float) -> float:
    return 1.0 if abs(difference) < _NO_DIFFERENCE else float("nan")


def _differing_placements(
    first: ArrayLike, second: ArrayLike, truth: NDArray[np.bool_]
) -> tuple[Float, Float]:
    """By how much the placements of positive and of negative cases differ between two scores."""
    one, other = (_placements(_ranks(scores, len(truth)), truth) for scores in (first, second))
    return one[0] - other[0], one[1] - other[1]


def _ranks(scores: ArrayLike, cases: int) -> Float:
    values = numbers(scores).ravel()
    if len(values) != cases:
        raise CohortError(f"{len(values)} scores and {cases} truths do not belong together")
    missing = int((~np.isfinite(values)).sum())
    if missing:
        raise CohortError(
            f"{missing} of {cases} scores are missing or not finite: leave those cases out"
        )
    return levels(values)[1].astype(np.float64)


def _placements(scores: Float, truth: NDArray[np.bool_]) -> tuple[Float, Float]:
    """For each positive the share of negatives below it, for each negative of positives above it."""
    positive, negative = scores[truth], scores[~truth]
    below = np.sort(negative)
    low, high = np.searchsorted(below, positive, "left"), np.searchsorted(below, positive, "right")
    above = np.sort(positive)
    under, upto = (
        np.searchsorted(above, negative, "left"),
        np.searchsorted(above, negative, "right"),
    )
    return (low + high) / 2 / len(negative), 1 - (under + upto) / 2 / len(positive)
