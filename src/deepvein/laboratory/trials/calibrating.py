"""From the outcomes on validation studies to probabilities that mean what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepvein.core.errors import CohortError
from deepvein.evaluation.operating import by_youden
from deepvein.findings.calibration import Calibration, LogisticCalibration, fit, logit
from deepvein.findings.features import (
    PROFILE_FEATURES,
    STUDY_FEATURES,
    calibrate_profile,
    study_features,
)
from deepvein.findings.screening import OperatingPoint
from deepvein.laboratory.trials.outcome import Outcome

ALARMS = 0.25
"""False findings a study that are tolerated: less probable findings are not reported."""

STRENGTH = 0.3
"""Inverse of the penalty on the coefficients of judge and studies."""


@dataclass(frozen=True)
class Calibrated:
    """least_probability: findings below it are not reported."""

    calibration: Calibration
    point: OperatingPoint
    least_probability: float


def calibrate(
    outcomes: Sequence[Outcome], measured_on: str, weights: ArrayLike | None = None
) -> Calibrated:
    """All that turns scores into answers, from the uncalibrated outcomes of validation studies.

    weights: how often each study counts, positive; None for once. Of slices and for the operating point all
    studies count alike.
    The operating point is Youden's: with a few dozen studies a wanted sensitivity of, say, 95 % would
    hang on the one thrombus that is hardest to see.

    Raises CohortError unless the studies hold true and false findings and cases with and without DVT.
    """
    counts = np.ones(len(outcomes)) if weights is None else np.asarray(weights, dtype=np.float64)
    told = [outcome for outcome in outcomes if len(outcome.features)]
    names = {outcome.feature_names for outcome in told}
    if len(names) > 1:
        raise CohortError("outcomes of bundles with and without a second reader cannot be mixed")
    features = np.concatenate([outcome.features for outcome in told]) if told else np.zeros((0, 0))
    hits = np.array([bool(c.hits) for outcome in outcomes for c in outcome.matching.candidates])
    if not 0 < hits.sum() < len(hits):
        raise CohortError(
            f"calibrating needs right and wrong findings, got {int(hits.sum())} right of {len(hits)}: "
            "give more validation cases"
        )
    each = np.repeat(counts, [len(outcome.features) for outcome in outcomes])
    lesion = fit(names.pop(), features, hits, measured_on, strength=STRENGTH, weights=each)
    least = _least_probability(lesion.apply(features)[~hits], each[~hits], float(counts.sum()))
    evidence = np.concatenate([outcome.profile.probability for outcome in outcomes])
    shown = np.concatenate([outcome.slice_truth for outcome in outcomes])
    profile = fit(PROFILE_FEATURES, logit(evidence)[:, None], shown, measured_on)
    table = np.array([_study_row(outcome, lesion, profile, least) for outcome in outcomes])
    truth = np.array([outcome.has_dvt for outcome in outcomes])
    # A more suspicious lesion must never make a study less suspicious.
    study = fit(
        STUDY_FEATURES,
        table,
        truth,
        measured_on,
        strength=STRENGTH,
        increasing=True,
        weights=counts,
    )
    point = by_youden(study.apply(table), truth, measured_on)
    return Calibrated(Calibration(lesion=lesion, study=study, profile=profile), point, least)


def _least_probability(
    wrong: NDArray[np.float64], weights: NDArray[np.float64], studies: float
) -> float:
    """The lowest probability from which (n,) wrong findings, each of a weight, are at most ALARMS a study."""
    order = np.argsort(wrong)[::-1]
    beyond = np.cumsum(weights[order]) > ALARMS * studies
    if not beyond.any():
        return 0.0
    return float(wrong[order][beyond.argmax()]) + 1e-6


def _study_row(
    outcome: Outcome,
    lesion: LogisticCalibration,
    profile: LogisticCalibration,
    least: float,
) -> NDArray[np.float64]:
    if not len(outcome.features):
        return study_features((), calibrate_profile(outcome.profile, profile))
    probabilities = lesion.apply(outcome.features)
    findings = tuple(
        replace(finding, probability=float(p))
        for finding, p in zip(outcome.findings, probabilities, strict=True)
        if p >= least
    )
    return study_features(findings, calibrate_profile(outcome.profile, profile))
