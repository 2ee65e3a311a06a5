"""From the outcomes on validation studies to probabilities that mean what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepvein.core.errors import CohortError
from deepvein.evaluation.operating import by_specificity
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

FOLDS = 10
"""Parts of the validation studies, each judged by what was fitted on the others."""

STRENGTH = 3.0
"""Inverse of the penalty on the coefficients of judge and studies; cross-validated (docs/models/lab.md)."""


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

    weights: how often each study counts, positive, for the limit from which findings are reported, as often as
    users meet its kind; None for once. Probabilities are fitted on all studies alike.
    The operating point bounds the false alarms: with a few dozen studies a wanted sensitivity of, say, 95 %
    would hang on the one thrombus that is hardest to see, and where nobody could see many of the thrombi
    (thin veins of the calf), Youden's index gives up others of middling probability.

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
    lesion = fit(names.pop(), features, hits, measured_on, strength=STRENGTH)
    judged = _judged_by_others(outcomes, lesion)
    wrong = np.concatenate(judged)[~hits]
    least = _least_probability(wrong, each[~hits], float(counts.sum()))
    evidence = np.concatenate([outcome.profile.probability for outcome in outcomes])
    shown = np.concatenate([outcome.slice_truth for outcome in outcomes])
    profile = fit(PROFILE_FEATURES, logit(evidence)[:, None], shown, measured_on)
    rows = zip(outcomes, judged, strict=True)
    table = np.array([_study_row(outcome, told, profile, least) for outcome, told in rows])
    truth = np.array([outcome.has_dvt for outcome in outcomes])
    # A more suspicious lesion must never make a study less suspicious.
    study = fit(
        STUDY_FEATURES,
        table,
        truth,
        measured_on,
        strength=STRENGTH,
        increasing=True,
    )
    point = by_specificity(study.apply(table), truth, measured_on)
    return Calibrated(Calibration(lesion=lesion, study=study, profile=profile), point, least)


def _judged_by_others(
    outcomes: Sequence[Outcome], lesion: LogisticCalibration
) -> list[NDArray[np.float64]]:
    """For each study the (n,) probabilities of its n findings by judges that never met it.

    A judge knows the studies that it was fitted on, and wrong findings there seem less likely than they
    will elsewhere. So FOLDS judges are each fitted without their part of the studies; a part without which
    there is no right or no wrong finding is judged by `lesion`, fitted on all.
    """
    fold = np.arange(len(outcomes)) % FOLDS
    judges = []
    for part in range(FOLDS):
        others = [one for one, k in zip(outcomes, fold, strict=True) if k != part]
        hits = np.array([bool(c.hits) for one in others for c in one.matching.candidates])
        if not 0 < hits.sum() < len(hits):
            judges.append(lesion)
            continue
        features = np.concatenate([one.features for one in others if len(one.features)])
        judges.append(fit(lesion.features, features, hits, strength=STRENGTH))
    return [
        judges[k].apply(one.features) if len(one.features) else np.zeros(0)
        for one, k in zip(outcomes, fold, strict=True)
    ]


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
    probabilities: NDArray[np.float64],
    profile: LogisticCalibration,
    least: float,
) -> NDArray[np.float64]:
    findings = tuple(
        replace(finding, probability=float(p))
        for finding, p in zip(outcome.findings, probabilities, strict=True)
        if p >= least
    )
    return study_features(findings, calibrate_profile(outcome.profile, profile))
