"""The figures of a bundle from the outcomes of a trial, each with its interval over patients."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from deepvein.evaluation.curves import auroc
from deepvein.evaluation.lesions import froc
from deepvein.evaluation.reliability import reliability
from deepvein.evaluation.statistics import bootstrap
from deepvein.findings.screening import OperatingPoint
from deepvein.screening.models import Measurement, Metric
from deepvein.screening.outcome import Outcome

SEGMENT_THRESHOLD = 0.5
"""A vein segment counts as found to be thrombosed if a finding of this probability lies in it."""

_DRAWS = 1000

Statistic = Callable[[Sequence[Outcome]], float]


def measure(
    outcomes: Sequence[Outcome], cohort: str, point: OperatingPoint, seed: int = 0
) -> Measurement:
    """All figures of a trial; intervals are 95 % percentile bootstraps over patients.

    Figures that the cohort cannot give (no case with DVT, say) are left out.
    """
    patients = [outcome.case.patient for outcome in outcomes]
    metrics = []
    for name, statistic in _statistics(point).items():

        def of_rows(rows: NDArray[np.int64], statistic: Statistic = statistic) -> float:
            return statistic([outcomes[row] for row in rows])

        estimate = bootstrap(of_rows, patients, seed, _DRAWS)
        if np.isfinite(estimate.value):
            metrics.append(Metric(name, estimate.value, estimate.low, estimate.high))
    return Measurement(
        cohort=cohort,
        cases=len(outcomes),
        with_dvt=sum(outcome.has_dvt for outcome in outcomes),
        metrics=tuple(metrics),
    )


def _statistics(point: OperatingPoint) -> dict[str, Statistic]:
    def at_rate(rate: float) -> Statistic:
        return lambda rows: _froc_at(rows, rate)

    return {
        "deep-vein Dice": lambda rows: _mean([row.veins.dice for row in rows]),
        "thrombus Dice": lambda rows: _mean([row.thrombus.dice for row in rows if row.has_dvt]),
        "vein segments named": lambda rows: _ratio(
            sum(row.named for row in rows), sum(row.nameable for row in rows)
        ),
        "lesion sensitivity at 0.5 false positives a study": at_rate(0.5),
        "lesion sensitivity at 1 false positive a study": at_rate(1.0),
        "false positives a study": lambda rows: _mean(
            [float(len(row.matching.false_positives)) for row in rows]
        ),
        "segment sensitivity": lambda rows: _segments(rows, True),
        "segment specificity": lambda rows: _segments(rows, False),
        "slice AUROC": _slice_auroc,
        "study AUROC": _study_auroc,
        "study sensitivity": lambda rows: _study_rate(rows, point, True),
        "study specificity": lambda rows: _study_rate(rows, point, False),
        "study calibration error": _calibration_error,
    }


def study_probabilities(
    outcomes: Sequence[Outcome],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(n,) probabilities and truth of the n studies that could be assessed."""
    judged = [row for row in outcomes if row.probability is not None]
    return (
        np.array([row.probability for row in judged], dtype=np.float64),
        np.array([row.has_dvt for row in judged], dtype=np.bool_),
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _froc_at(rows: Sequence[Outcome], rate: float) -> float:
    if not any(row.matching.lesions for row in rows):
        return float("nan")
    return froc([row.matching for row in rows]).at(rate)


def _segments(rows: Sequence[Outcome], thrombosed: bool) -> float:
    chosen = [
        (one.probability >= SEGMENT_THRESHOLD) == thrombosed
        for row in rows
        for one in row.segments
        if one.has_thrombus is thrombosed
    ]
    return _ratio(sum(chosen), len(chosen))


def _slice_auroc(rows: Sequence[Outcome]) -> float:
    truth = np.concatenate([row.slice_truth for row in rows])
    if truth.all() or not truth.any():
        return float("nan")
    return auroc(np.concatenate([row.profile.probability for row in rows]), truth)


def _study_auroc(rows: Sequence[Outcome]) -> float:
    probability, truth = study_probabilities(rows)
    return auroc(probability, truth) if 0 < truth.sum() < len(truth) else float("nan")


def _study_rate(rows: Sequence[Outcome], point: OperatingPoint, with_dvt: bool) -> float:
    """Share of the studies with (without) DVT that are called so; one not assessable is not called so."""
    of_kind = [row for row in rows if row.has_dvt is with_dvt]
    right = [
        row.probability is not None and (row.probability >= point.threshold) is with_dvt
        for row in of_kind
    ]
    return _ratio(sum(right), len(right))


def _calibration_error(rows: Sequence[Outcome]) -> float:
    probability, truth = study_probabilities(rows)
    return reliability(probability, truth, 5).expected_error if len(truth) else float("nan")
