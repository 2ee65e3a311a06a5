"""From the outcomes on validation studies to probabilities that mean what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import CohortError
from deepvein.evaluation.operating import at_sensitivity
from deepvein.findings.calibration import Calibration, LogisticCalibration, fit, logit
from deepvein.findings.features import (
    LESION_FEATURES,
    PROFILE_FEATURES,
    STUDY_FEATURES,
    calibrate_profile,
    study_features,
)
from deepvein.findings.screening import OperatingPoint
from deepvein.screening.trial import Outcome

SENSITIVITY = 0.95
"""A screening that misses more than one study in twenty is of little use: the operating point keeps the
highest specificity that this sensitivity allows."""


def calibrate(outcomes: Sequence[Outcome], measured_on: str) -> tuple[Calibration, OperatingPoint]:
    """Calibrations of lesions, slices and studies and the operating point, from uncalibrated outcomes.

    Raises CohortError unless the studies hold true and false findings and cases with and without DVT.
    """
    features = np.concatenate([outcome.features for outcome in outcomes])
    hits = np.array([bool(c.hits) for outcome in outcomes for c in outcome.matching.candidates])
    if not 0 < hits.sum() < len(hits):
        raise CohortError(
            f"calibrating needs right and wrong findings, got {int(hits.sum())} right of {len(hits)}: "
            "give more validation cases"
        )
    lesion = fit(LESION_FEATURES, features, hits, measured_on, strength=0.3)
    evidence = np.concatenate([outcome.profile.probability for outcome in outcomes])
    shown = np.concatenate([outcome.slice_truth for outcome in outcomes])
    profile = fit(PROFILE_FEATURES, logit(evidence)[:, None], shown, measured_on)
    table = np.array([_study_row(outcome, lesion, profile) for outcome in outcomes])
    truth = np.array([outcome.has_dvt for outcome in outcomes])
    # A more suspicious lesion must never make a study less suspicious.
    study = fit(STUDY_FEATURES, table, truth, measured_on, strength=0.3, increasing=True)
    point = at_sensitivity(study.apply(table), truth, SENSITIVITY, measured_on)
    return Calibration(lesion=lesion, study=study, profile=profile), point


def _study_row(
    outcome: Outcome, lesion: LogisticCalibration, profile: LogisticCalibration
) -> NDArray[np.float64]:
    probabilities = lesion.apply(outcome.features)
    findings = tuple(
        replace(finding, probability=float(p))
        for finding, p in zip(outcome.findings, probabilities, strict=True)
    )
    return study_features(findings, calibrate_profile(outcome.profile, profile))
