"""Intervals and tests, with the patient as the unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepvein.core.errors import CohortError
from deepvein.core.seeds import generator
from deepvein.evaluation.delong import clustered_delong, delong  # noqa: F401  (programs import them from here)
from deepvein.evaluation.scores import DIGITS, binary, numbers

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A value with the ends of its interval (95 % unless said otherwise); NaN is what cannot be computed.

    As text, `format(estimate, ".2f")` is `0.85 (0.80–0.90)`, `0.02 (-0.01 to 0.05)` below zero, `0.85 (–)`
    without an interval or with one of no width, and `–` without a value.
    """

    value: float
    low: float
    high: float

    @property
    def has_width(self) -> bool:
        """Whether there is an interval that tells something: draws of patients who are all alike, such as
        those of a sensitivity of 3 of 3, do not tell how others differ."""
        return self.high - self.low > 1e-12 * abs(self.value)

    def __format__(self, spec: str) -> str:
        if isnan(self.value):
            return "–"
        if not self.has_width:
            return f"{self.value:{spec}} (–)"
        joint = " to " if self.low < 0 else "–"
        return f"{self.value:{spec}} ({self.low:{spec}}{joint}{self.high:{spec}})"

    def __str__(self) -> str:
        return format(self, ".3f")


@dataclass(frozen=True)
class Summary:
    """Of the finite values: how many, mean, standard deviation (n - 1), median and range.

    As text, `format(summary, ".2f")` is `0.74 ± 0.17`, `0.74 ± –` for a single value and `–` for none.
    """

    count: int
    mean: float
    sd: float
    median: float
    lowest: float
    highest: float

    def __format__(self, spec: str) -> str:
        if not self.count:
            return "–"
        return f"{self.mean:{spec}} ± " + ("–" if isnan(self.sd) else f"{self.sd:{spec}}")

    def __str__(self) -> str:
        return format(self, ".2f")


@dataclass(frozen=True)
class PairedTest:
    """Two-sided paired Wilcoxon signed-rank test: median of first minus second, pairs, p and Holm's p."""

    median_difference: float
    pairs: int
    p: float
    p_holm: float


def summary(values: ArrayLike) -> Summary:
    """Summary of (n,) values; NaN are left out, all NaN if none is finite; sd is NaN for one value."""
    finite = numbers(values).ravel()
    finite = finite[np.isfinite(finite)]
    if not len(finite):
        return Summary(0, *(float("nan"),) * 5)
    sd = float(finite.std(ddof=1)) if len(finite) > 1 else float("nan")
    return Summary(
        len(finite),
        float(finite.mean()),
        sd,
        float(np.median(finite)),
        float(finite.min()),
        float(finite.max()),
    )


def bootstrap(
    statistic: Callable[[NDArray[np.int64]], float],
    patients: Sequence[str],
    seed: int = 0,
    draws: int = 2000,
    confidence: float = 0.95,
) -> Estimate:
    """Percentile interval of a statistic by resampling whole patients with replacement.

    statistic: takes (n,) row numbers (repeated as drawn) and gives a number; rows of one patient stay
    together, so that several studies, lesions or slices of one patient do not count as independent.
    Draws that give NaN (no positive case, say) are left out. There is no interval (NaN) for a single
    patient, for a value that is NaN itself, and where half of the draws or more give NaN. Raises
    CohortError for no patient.
    """

    def of_one(rows: NDArray[np.int64]) -> tuple[float]:
        return (statistic(rows),)

    return bootstrap_many(of_one, patients, seed, draws, confidence)[0]


def bootstrap_many(
    statistics: Callable[[NDArray[np.int64]], Sequence[float]],
    patients: Sequence[str],
    seed: int = 0,
    draws: int = 2000,
    confidence: float = 0.95,
) -> tuple[Estimate, ...]:
    """`bootstrap` of several figures at once, all from the same resampled patients.

    statistics: takes row numbers and gives as many numbers each time, one for each figure.
    """
    if not patients:
        raise CohortError("an interval needs one patient or more")
    if draws < 1 or not 0 < confidence < 1:
        raise CohortError(
            f"an interval needs a draw or more and a confidence between 0 and 1, such as 0.95; got {draws} "
            f"and {confidence}"
        )
    rows = _rows_by_patient(patients)
    rng = generator(seed, "bootstrap")
    values = []
    for _ in range(draws):
        chosen = rng.integers(0, len(rows), len(rows))
        values.append(statistics(np.concatenate([rows[number] for number in chosen])))
    table = numbers(values).reshape(draws, -1)
    if len(rows) == 1:
        table[:] = np.nan
    return tuple(
        _estimate(float(value), drawn, confidence)
        for value, drawn in zip(numbers(statistics(np.arange(len(patients)))), table.T, strict=True)
    )


def _estimate(value: float, drawn: Float, confidence: float) -> Estimate:
    finite = drawn[np.isfinite(drawn)]
    if isnan(value) or 2 * len(finite) <= len(drawn):
        return Estimate(value, float("nan"), float("nan"))
    tail = 50 * (1 - confidence)
    low, high = np.percentile(finite, [tail, 100 - tail])
    return Estimate(value, float(low), float(high))


def wilson(successes: int, count: int, confidence: float = 0.95) -> Estimate:
    """A proportion with Wilson's score interval (Wilson 1927, J Am Stat Assoc 22:209); NaN for no case.

    Raises CohortError unless these are whole numbers, 0 <= successes <= count, and 0 < confidence < 1.
    """
    if not 0 <= successes <= count or successes != int(successes) or count != int(count):
        raise CohortError(
            f"a proportion needs whole numbers, 0 <= successes <= count, got {successes} of {count}"
        )
    if not 0 < confidence < 1:
        raise CohortError(f"a confidence lies between 0 and 1, such as 0.95, got {confidence}")
    if count == 0:
        return Estimate(*(float("nan"),) * 3)
    from scipy.stats import binomtest

    ends = binomtest(int(successes), int(count)).proportion_ci(confidence, method="wilson")
    return Estimate(successes / count, float(ends.low), float(ends.high))


def wilcoxon(first: ArrayLike, second: ArrayLike) -> PairedTest:
    """Two-sided paired Wilcoxon signed-rank test of (n,) values; pairs with NaN or None are left out.

    Differences below DIGITS significant digits of the values are those of rounding and count as none; pairs
    that do not differ have no rank, and do not keep p from being exact (up to 50 pairs without ties). p is 1
    where no pair differs, NaN where no pair is left. Holm's p is that of a single comparison.
    Raises CohortError for lengths that differ.
    """
    from scipy import stats

    one, other = numbers(first), numbers(second)
    if one.shape != other.shape:
        raise CohortError(
            f"pairs need as many first values ({one.size}) as second ones ({other.size})"
        )
    paired = np.isfinite(one) & np.isfinite(other)
    if not paired.any():
        return PairedTest(float("nan"), 0, float("nan"), float("nan"))
    one, other = one[paired], other[paired]
    scale = np.abs([one, other]).max() or 1.0
    steps = np.round(
        (one - other) / scale, DIGITS
    )  # ties stay ties, whatever the order of operations
    if not steps.any():
        return PairedTest(0.0, len(steps), 1.0, 1.0)
    p = float(stats.wilcoxon(steps[steps != 0], alternative="two-sided").pvalue)
    return PairedTest(float(np.median(one - other)), len(steps), p, p)


def compare(first: ArrayLike, others: dict[str, ArrayLike]) -> dict[str, PairedTest]:
    """`first` against each of `others`, pair by pair, with Holm's correction over all of them."""
    tests = {name: wilcoxon(first, values) for name, values in others.items()}
    corrected = holm([test.p for test in tests.values()])
    return {
        name: PairedTest(test.median_difference, test.pairs, test.p, float(p))
        for (name, test), p in zip(tests.items(), corrected, strict=True)
    }


def holm(p_values: Sequence[float]) -> Float:
    """(n,) p values corrected for n comparisons, in the same order (Holm 1979, Scand J Stat 6:65).

    A comparison that could not be made (NaN) stays NaN and does not count. Raises CohortError for values
    outside [0, 1].
    """
    p = numbers(p_values)
    if ((p < 0) | (p > 1)).any():
        raise CohortError(f"p values lie within 0 and 1, got {p.tolist()}")
    made = np.flatnonzero(np.isfinite(p))
    order = made[np.argsort(p[made], kind="stable")]
    stepped = np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1))
    corrected = np.full(len(p), np.nan)
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected


def mcnemar(first: ArrayLike, second: ArrayLike) -> float:
    """p of McNemar's exact two-sided test that two readings are right on the same share of (n,) cases.

    first, second: whether each was right in each case (McNemar 1947, Psychometrika 12:153); only the cases
    in which one alone was right count. 1 where there is none of them, NaN without any case. Raises CohortError
    for lengths that differ and for what is missing or neither 0 nor 1.
    """
    from scipy.stats import binomtest

    one, other = binary(first), binary(second)
    if one.shape != other.shape:
        raise CohortError(
            f"pairs need as many first values ({one.size}) as second ones ({other.size})"
        )
    if not one.size:
        return float("nan")
    gained, lost = int((other & ~one).sum()), int((one & ~other).sum())
    return float(binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0


def _rows_by_patient(patients: Sequence[str]) -> list[NDArray[np.int64]]:
    rows: dict[str, list[int]] = {}
    for row, patient in enumerate(patients):
        rows.setdefault(patient, []).append(row)
    return [np.array(own, dtype=np.int64) for own in rows.values()]
