"""The figures of a bundle from the outcomes of a trial, each with its interval over patients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import CohortError
from deepvein.evaluation.curves import Tally, roc
from deepvein.evaluation.lesions import RATES, froc
from deepvein.evaluation.reliability import reliability
from deepvein.evaluation.statistics import bootstrap_many
from deepvein.findings.screening import OperatingPoint
from deepvein.laboratory.trials.estimates import metrics_of, not_measured
from deepvein.laboratory.trials.outcome import Outcome, study_auroc, study_probabilities
from deepvein.laboratory.trials.subgroups import subgroups
from deepvein.screening.bundle import Measurement, Metric

_BINS = 5
"""Of calibration errors: wider bins than a picture's, so that a few dozen studies fill them."""

_SCORES = 2000
"""Distinct scores that slices are told apart by; more would change the AUROC by less than 1 in 1,000."""

FROC_MEAN = "lesion sensitivity, mean at 1/8 to 8 false positives a study"

NAN = float("nan")
Rows = Sequence[Outcome]


@dataclass(frozen=True)
class Statistic:
    """Figures that are computed together: `of` gives as many numbers as there are names; NaN where the
    outcomes cannot give one."""

    names: tuple[str, ...]
    of: Callable[[Rows], Sequence[float]]


def measure(
    outcomes: Sequence[Outcome],
    cohort: str,
    point: OperatingPoint,
    seed: int = 0,
    draws: int = 1000,
) -> Measurement:
    """All figures of a trial; intervals are 95 % percentile bootstraps over patients, of `draws` draws.

    Figures that the cohort cannot give (no case with DVT, say) are left out, with a note. Only reported
    findings count, except for the sensitivity at given rates of false positives, which looks at all of them.
    Raises CohortError for no outcome.
    """
    if not outcomes:
        raise CohortError(f"{cohort} has no case that was tried: there is nothing to measure")
    statistics = statistics_of(outcomes, point)
    metrics = _intervals(outcomes, statistics, seed, draws)
    names = [name for statistic in statistics for name in statistic.names]
    sick = sum(outcome.has_dvt for outcome in outcomes)
    return Measurement(
        cohort=cohort,
        cases=len(outcomes),
        with_dvt=sick,
        metrics=metrics,
        notes=not_measured(names, metrics, len(outcomes), sick),
        subgroups=subgroups(outcomes, seed, draws),
        patients=len({outcome.case.patient for outcome in outcomes}),
    )


def _intervals(
    outcomes: Sequence[Outcome], statistics: Sequence[Statistic], seed: int, draws: int
) -> tuple[Metric, ...]:
    names = [name for statistic in statistics for name in statistic.names]

    def of_rows(rows: NDArray[np.int64]) -> list[float]:
        chosen = [outcomes[row] for row in rows]
        return [value for statistic in statistics for value in statistic.of(chosen)]

    patients = [outcome.case.patient for outcome in outcomes]
    return metrics_of(names, bootstrap_many(of_rows, patients, seed, draws))


def rate_name(rate: float) -> str:
    """How the sensitivity at a rate of false positives a study is called."""
    return f"lesion sensitivity at {rate:g} false positive{'' if rate == 1 else 's'} a study"


def statistics_of(outcomes: Rows, point: OperatingPoint) -> list[Statistic]:
    """What is measured of a bundle with this operating point; of any selection of these outcomes."""

    def one(name: str, of: Callable[[Rows], float]) -> Statistic:
        return Statistic((name,), lambda rows: (of(rows),))

    return [
        one("deep-vein Dice", lambda rows: _mean([r.veins.dice for r in rows if r.shows_veins])),
        one(
            "deep-vein clDice",
            lambda rows: _mean([r.centreline.cldice for r in rows if r.shows_veins]),
        ),
        one("thrombus Dice", lambda rows: _mean([r.thrombus.dice for r in rows if r.has_dvt])),
        one("vein segments named", _named),
        Statistic((*(rate_name(rate) for rate in RATES), FROC_MEAN), _froc),
        one("lesion sensitivity", _lesion_sensitivity),
        one(
            "false positives a study",
            lambda rows: _mean([float(len(row.reported.false_positives)) for row in rows]),
        ),
        one("segment sensitivity", lambda rows: _segments(rows, True)),
        one("segment specificity", lambda rows: _segments(rows, False)),
        one("slice AUROC", _SliceAuroc(outcomes)),
        one("study AUROC", study_auroc),
        one("study sensitivity", lambda rows: _study_rate(rows, point, True)),
        one("study specificity", lambda rows: _study_rate(rows, point, False)),
        Statistic(("study calibration error", "study Brier score"), _study_calibration),
        one("lesion calibration error", _lesion_calibration),
        one(
            "studies not assessable",
            lambda rows: _mean([float(r.probability is None) for r in rows]),
        ),
    ]


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else NAN


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else NAN


def _named(rows: Rows) -> float:
    return _ratio(sum(row.named for row in rows), sum(row.nameable for row in rows))


def _froc(rows: Rows) -> Sequence[float]:
    if not any(row.matching.lesions for row in rows):
        return [NAN] * (len(RATES) + 1)
    curve = froc([row.matching for row in rows])
    return [*(curve.at(rate) for rate in RATES), curve.score]


def _lesion_sensitivity(rows: Rows) -> float:
    missed = sum(len(row.missed) for row in rows)
    every = sum(len(row.thrombi) for row in rows)
    return _ratio(every - missed, every)


def _segments(rows: Rows, thrombosed: bool) -> float:
    """Share of the segments with (without) thrombus in which a (no) reported finding lies."""
    right = [
        (one.probability > 0) == thrombosed
        for row in rows
        for one in row.segments
        if one.has_thrombus is thrombosed
    ]
    return _ratio(sum(right), len(right))


def _study_rate(rows: Rows, point: OperatingPoint, with_dvt: bool) -> float:
    """Share of the studies with (without) DVT that are called so; one not assessable is not called so."""
    of_kind = [row for row in rows if row.has_dvt is with_dvt]
    right = [
        row.probability is not None and (row.probability >= point.threshold) is with_dvt
        for row in of_kind
    ]
    return _ratio(sum(right), len(right))


def _study_calibration(rows: Rows) -> tuple[float, float]:
    probability, truth = study_probabilities(rows)
    if not len(truth):
        return NAN, NAN
    made = reliability(probability, truth, _BINS)
    return made.expected_error, made.brier


def _lesion_calibration(rows: Rows) -> float:
    candidates = [c for row in rows for c in row.matching.candidates]
    if not candidates:
        return NAN
    probability = [c.probability for c in candidates]
    return reliability(probability, [bool(c.hits) for c in candidates], _BINS).expected_error


class _SliceAuroc:
    """AUROC of the slices of any of these outcomes, from tallies that are made once for each."""

    def __init__(self, outcomes: Rows) -> None:
        scores = np.concatenate([row.profile.probability for row in outcomes])
        self._steps = np.unique(scores)
        if len(self._steps) > _SCORES:
            self._steps = np.unique(np.quantile(scores, np.linspace(0, 1, _SCORES)))
        self._tallies = {id(row): self._tally(row) for row in outcomes}

    def _tally(self, row: Outcome) -> NDArray[np.int64]:
        place = np.searchsorted(self._steps, row.profile.probability)
        size = len(self._steps)
        counts = [np.bincount(place[row.slice_truth == shown], minlength=size) for shown in (1, 0)]
        return np.stack(counts)

    def __call__(self, rows: Rows) -> float:
        positives, negatives = np.sum([self._tallies[id(row)] for row in rows], axis=0)
        if not positives.any() or not negatives.any():
            return NAN
        return roc(Tally(self._steps.astype(np.float64), positives, negatives)).area
