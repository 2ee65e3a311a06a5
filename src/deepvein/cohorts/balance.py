"""How alike the parts of a split are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.statistics import CaseStatistics
from deepvein.core.errors import CohortError

Float = NDArray[np.float64]

COVARIATES: dict[str, Callable[[CaseStatistics], float]] = {
    "slices": lambda s: s.slices,
    "prevalence": lambda s: s.prevalence,
    "contrast": lambda s: s.contrast,
    "thrombus extent": lambda s: s.thrombus_extent_mm,
    "coverage": lambda s: s.coverage_mm,
}
"""The study statistics that a matched split evens out."""


@dataclass(frozen=True)
class CovariateBalance:
    """One statistic: its mean over the cases of each split, and the largest standardised difference.

    difference: of the means of any two splits, in SDs of the whole cohort; below 0.1 is usually called
    balanced (Austin 2009, Statistics in Medicine 28:3083). 0 where all cases are alike.
    """

    name: str
    means: tuple[float, ...]
    difference: float


@dataclass(frozen=True)
class BalanceReport:
    """Splits in the order of first appearance, with their numbers of patients and cases."""

    splits: tuple[str, ...]
    patients: tuple[int, ...]
    cases: tuple[int, ...]
    covariates: tuple[CovariateBalance, ...]

    @property
    def worst(self) -> float:
        """The largest difference of any statistic."""
        return max((each.difference for each in self.covariates), default=0.0)


def balance(cohort: Cohort, statistics: Sequence[CaseStatistics]) -> BalanceReport:
    """The balance of a split cohort. `statistics` holds its cases, in any order.

    CohortError if a case has no split or no statistics.
    """
    values = covariates_of(cohort, statistics)
    splits = tuple(dict.fromkeys(case.split for case in cohort))
    if "" in splits or not splits:
        raise CohortError("some cases have no split; assign splits with cohorts.splits first")
    parts = [np.array([case.split == split for case in cohort]) for split in splits]
    means = np.stack([values[part].mean(axis=0) for part in parts])
    widest = spread(means[None], values)[0]
    return BalanceReport(
        splits=splits,
        patients=tuple(len(cohort.of_split(split).patients) for split in splits),
        cases=tuple(int(part.sum()) for part in parts),
        covariates=tuple(
            CovariateBalance(name, tuple(means[:, n].tolist()), float(widest[n]))
            for n, name in enumerate(COVARIATES)
        ),
    )


def covariates_of(cohort: Cohort, statistics: Sequence[CaseStatistics]) -> Float:
    """(cases, covariates) in the cohort's order."""
    known = {each.case: each for each in statistics}
    missing = [case.case for case in cohort if case.case not in known]
    if missing:
        raise CohortError(
            f"case {missing[0]!r} has no statistics; measure it with cohort_statistics"
        )
    rows = [[value(known[case.case]) for value in COVARIATES.values()] for case in cohort]
    return np.array(rows, dtype=np.float64).reshape(len(cohort), len(COVARIATES))


def spread(means: Float, values: Float) -> Float:
    """(trials, covariates): largest minus smallest of (trials, splits, covariates) means, in SDs of the
    (cases, covariates) values; 0 where the values are all the same."""
    sd = values.std(axis=0)
    widest: Float = (means.max(axis=1) - means.min(axis=1)) / np.where(sd > 0, sd, 1.0)
    return np.where(sd > 0, widest, 0.0)
