"""Two bundles on the same cases: by how much one is better, with intervals and tests for pairs.

Intervals are bootstraps over patients of the difference itself, so that what is hard for both counts for
neither. Where there is a test for pairs it is made too: DeLong's for the study AUROC, McNemar's for the share
of studies called rightly, Wilcoxon's for the Dice of thrombi; their p values are corrected by Holm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import CohortError
from deepvein.evaluation.statistics import Estimate, bootstrap_many, delong, holm, mcnemar, wilcoxon
from deepvein.findings.screening import OperatingPoint
from deepvein.laboratory.trials.measurement import Statistic, statistics_of
from deepvein.laboratory.trials.outcome import Outcome

COMPARED = (
    "thrombus Dice", "lesion sensitivity", "false positives a study", "segment sensitivity",
    "segment specificity", "slice AUROC", "study AUROC", "study sensitivity", "study specificity",
    "study Brier score",
)  # fmt: skip
"""Figures of `measurement` that tell of thrombi; the veins of reviewed studies are the software's own."""

RIGHT = "studies called rightly"


@dataclass(frozen=True)
class Difference:
    """A figure of both bundles, new minus old with its 95 % interval (None where there is none).

    test: by which `p` was found, "" for none; p_holm: corrected for all tests of the comparison.
    """

    name: str
    old: float
    new: float
    difference: float
    low: float | None = None
    high: float | None = None
    test: str = ""
    p: float | None = None
    p_holm: float | None = None


@dataclass(frozen=True)
class Comparison:
    """What was compared with what, on how many cases; old, new: the bundles' folders."""

    old: str
    new: str
    cohort: str
    cases: int
    with_dvt: int
    differences: tuple[Difference, ...]


def differences_of(
    old: Sequence[Outcome],
    new: Sequence[Outcome],
    points: tuple[OperatingPoint, OperatingPoint],
    seed: int = 0,
    draws: int = 1000,
) -> tuple[Difference, ...]:
    """All figures that the cases can give; points: of the old and of the new bundle.

    Raises CohortError unless both lists hold the same cases in the same order.
    """
    if [one.case.case for one in old] != [one.case.case for one in new]:
        raise CohortError("two bundles are compared on the same cases in the same order")
    sides = [
        (
            outcomes,
            [one for one in statistics_of(outcomes, point) if set(one.names) & set(COMPARED)],
            point,
        )
        for outcomes, point in zip((old, new), points, strict=True)
    ]
    names = [name for one in sides[0][1] for name in one.names if name in COMPARED] + [RIGHT]

    def both(rows: NDArray[np.int64]) -> tuple[list[float], list[float]]:
        first, second = (
            [*_values([outcomes[row] for row in rows], statistics), _share(outcomes, rows, point)]
            for outcomes, statistics, point in sides
        )
        return first, second

    def differing(rows: NDArray[np.int64]) -> list[float]:
        first, second = both(rows)
        return [b - a for a, b in zip(first, second, strict=True)]

    found = bootstrap_many(differing, [one.case.patient for one in old], seed, draws)
    tests = _tests(old, new, points)
    made = [
        _difference(name, a, b, estimate, tests.get(name))
        for name, a, b, estimate in zip(names, *both(np.arange(len(old))), found, strict=True)
        if isfinite(estimate.value)
    ]
    return _corrected(made)


def _values(rows: Sequence[Outcome], statistics: Sequence[Statistic]) -> list[float]:
    return [
        value
        for one in statistics
        for name, value in zip(one.names, one.of(rows), strict=True)
        if name in COMPARED
    ]


def _right(outcomes: Sequence[Outcome], point: OperatingPoint) -> NDArray[np.bool_]:
    """(n,) whether each study is called what it is; one that is not assessable is not."""
    return np.array(
        [
            one.probability is not None and (one.probability >= point.threshold) is one.has_dvt
            for one in outcomes
        ],
        dtype=np.bool_,
    )


def _share(outcomes: Sequence[Outcome], rows: NDArray[np.int64], point: OperatingPoint) -> float:
    return float(_right([outcomes[row] for row in rows], point).mean())


def _tests(
    old: Sequence[Outcome],
    new: Sequence[Outcome],
    points: tuple[OperatingPoint, OperatingPoint],
) -> dict[str, tuple[str, float]]:
    """Name and p of the test of each figure that has one."""
    made = {RIGHT: ("McNemar", mcnemar(_right(old, points[0]), _right(new, points[1])))}
    judged = [
        (a.probability, b.probability, a.has_dvt)
        for a, b in zip(old, new, strict=True)
        if a.probability is not None and b.probability is not None
    ]
    sick = sum(dvt for _, _, dvt in judged)
    if min(sick, len(judged) - sick) >= 2:
        first, second, truth = zip(*judged, strict=True)
        made["study AUROC"] = ("DeLong", delong(first, second, truth))
    dice = [(a.thrombus.dice, b.thrombus.dice) for a, b in zip(old, new, strict=True) if a.has_dvt]
    if dice:
        made["thrombus Dice"] = ("Wilcoxon", wilcoxon(*zip(*dice, strict=True)).p)
    return {name: (test, p) for name, (test, p) in made.items() if isfinite(p)}


def _difference(
    name: str, old: float, new: float, estimate: Estimate, tested: tuple[str, float] | None
) -> Difference:
    known = isfinite(estimate.low) and isfinite(estimate.high)
    test, p = tested or ("", None)
    return Difference(
        name,
        old,
        new,
        estimate.value,
        low=estimate.low if known else None,
        high=estimate.high if known else None,
        test=test,
        p=p,
    )


def _corrected(made: Sequence[Difference]) -> tuple[Difference, ...]:
    corrected = holm([float("nan") if one.p is None else one.p for one in made])
    return tuple(
        one if one.p is None else replace(one, p_holm=float(p))
        for one, p in zip(made, corrected, strict=True)
    )
