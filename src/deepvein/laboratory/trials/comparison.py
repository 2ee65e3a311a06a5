"""Two bundles on the same cases: by how much one is better, with intervals and tests for pairs.

Intervals are bootstraps over patients of the difference itself, so that what is hard for both counts for
neither; what needs a probability is that of the studies to which both bundles give one. Where there is a test
for pairs it is made too: DeLong's for the study AUROC, McNemar's for the share of studies called rightly,
Wilcoxon's for the Dice of thrombi; their p values are corrected by Holm. Where a patient has several studies
the AUROCs have Obuchowski's test, in which a patient is the unit, and the others none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from deepvein.cohorts.case import Case
from deepvein.core.errors import CohortError
from deepvein.evaluation.delong import clustered_delong, delong
from deepvein.evaluation.statistics import (
    Estimate,
    bootstrap_many,
    holm,
    mcnemar,
    wilcoxon,
)
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
_AUROC = "study AUROC"
_OF_JUDGED = {_AUROC, "study Brier score"}
"""Figures of the studies that can be assessed."""


@dataclass(frozen=True)
class Difference:
    """A figure of both bundles, new minus old with its 95 % interval (None where there is none, as where the
    difference is the same in all patients).

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
    """What was compared with what, on how many cases of how many patients; old, new: the bundles' folders;
    notes: which figures these cases cannot tell, and why."""

    old: str
    new: str
    cohort: str
    cases: int
    with_dvt: int
    patients: int
    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = ()


def differences_of(
    old: Sequence[Outcome],
    new: Sequence[Outcome],
    points: tuple[OperatingPoint, OperatingPoint],
    seed: int = 0,
    draws: int = 1000,
) -> tuple[Difference, ...]:
    """All figures that the cases can give; points: of the old and of the new bundle.

    Raises CohortError for no case, and unless both lists hold the same cases in the same order.
    """
    if not old:
        raise CohortError("two bundles are compared on one case or more")
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

    judged = _judged(old, new)

    def both(rows: NDArray[np.int64]) -> tuple[list[float], list[float]]:
        first, second = (
            [*_values(outcomes, rows, judged, statistics), _share(outcomes, rows, point)]
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


def unshared(old: Sequence[Outcome], new: Sequence[Outcome]) -> tuple[str, ...]:
    """How many studies count for neither bundle in some figures, since one alone assesses them."""
    lost = sum(
        (a.probability is None) is not (b.probability is None)
        for a, b in zip(old, new, strict=True)
    )
    if not lost:
        return ()
    return (
        f"{lost} of {len(old)} studies can be assessed by one bundle alone: study AUROC and Brier score are "
        "those of the others",
    )


def untested(made: Sequence[Difference], cases: Sequence[Case]) -> tuple[str, ...]:
    """Which figures have no test although their difference is known, and why; cases: those compared."""
    if _repeated(cases):
        patients = len({case.patient for case in cases})
        told = any(one.name == _AUROC and one.p is not None for one in made)
        return (
            f"no tests for pairs{' but that of the AUROC, by patient' if told else ''}: others take every "
            f"study for another patient's, and the {len(cases)} studies are of {patients} "
            f"patient{'' if patients == 1 else 's'}; the intervals are over patients",
        )
    bare = [one.name for one in made if one.name == _AUROC and one.p is None]
    return tuple(
        f"no test of the {name}: DeLong's needs two studies with DVT and two without that both bundles assess, "
        "and scores of which some case tells how much they vary"
        for name in bare
    )


def _repeated(cases: Sequence[Case]) -> bool:
    return len({case.patient for case in cases}) < len(cases)


def _judged(old: Sequence[Outcome], new: Sequence[Outcome]) -> NDArray[np.bool_]:
    """(n,) whether both bundles give a study a probability."""
    pairs = zip(old, new, strict=True)
    return np.array([None not in (a.probability, b.probability) for a, b in pairs], dtype=np.bool_)


def _values(
    outcomes: Sequence[Outcome],
    rows: NDArray[np.int64],
    judged: NDArray[np.bool_],
    statistics: Sequence[Statistic],
) -> list[float]:
    every = [outcomes[row] for row in rows]
    shared = [outcomes[row] for row in rows if judged[row]]
    return [
        value
        for one in statistics
        for name, value in zip(
            one.names, one.of(shared if set(one.names) & _OF_JUDGED else every), strict=True
        )
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
    """Name and p of the test of each figure that has one; that of the AUROC alone where a patient has several
    studies, for the others take every study for another patient's."""
    made = _auroc_test(old, new)
    if _repeated([one.case for one in old]):
        return made
    made[RIGHT] = ("McNemar", mcnemar(_right(old, points[0]), _right(new, points[1])))
    dice = [(a.thrombus.dice, b.thrombus.dice) for a, b in zip(old, new, strict=True) if a.has_dvt]
    if dice:
        made["thrombus Dice"] = ("Wilcoxon", wilcoxon(*zip(*dice, strict=True)).p)
    return {name: (test, p) for name, (test, p) in made.items() if isfinite(p)}


def _auroc_test(old: Sequence[Outcome], new: Sequence[Outcome]) -> dict[str, tuple[str, float]]:
    """DeLong's test of the studies that both assess, Obuchowski's where a patient has several; none where it
    cannot be made."""
    shared = [
        (a.case, a.has_dvt, a.probability, b.probability)
        for a, b in zip(old, new, strict=True)
        if a.probability is not None and b.probability is not None
    ]
    if not shared:
        return {}
    cases, truth, first, second = zip(*shared, strict=True)
    try:
        if _repeated(cases):
            patients = [case.patient for case in cases]
            name, p = "Obuchowski", clustered_delong(first, second, truth, patients)
        else:
            name, p = "DeLong", delong(first, second, truth)
    except CohortError:
        return {}
    return {_AUROC: (name, p)} if isfinite(p) else {}


def _difference(
    name: str, old: float, new: float, estimate: Estimate, tested: tuple[str, float] | None
) -> Difference:
    known = estimate.has_width
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
