"""The numbers that probabilities are computed from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Level
from deepvein.findings.calibration import LogisticCalibration, logit
from deepvein.findings.finding import Finding
from deepvein.inference.prediction import SCALE, Prediction, Profile

LESION_FEATURES = (
    "log_volume",
    "log_extent",
    "mean_probability_logit",
    "top_probability_logit",
    "vein_probability",
    "distal",
)
"""Columns of `lesion_features`; volume in ml and extent in mm, natural logarithms."""

STUDY_FEATURES = ("likeliest_lesion_logit", "all_lesions_logit", "profile_peak_logit")
"""Columns of `study_features`."""

PROFILE_FEATURES = ("probability_logit",)

PEAK_MM = 10.0
"""Length along the body over which the profile is averaged for its peak: shorter bumps are noise."""


def lesion_features(
    indices: NDArray[np.int64],
    volume_ml: float,
    extent_mm: float,
    level: Level,
    prediction: Prediction,
) -> NDArray[np.float64]:
    """(6,) LESION_FEATURES of one candidate of at least one voxel."""
    thrombus = prediction.thrombus_probability[tuple(indices.T)] / SCALE
    vein = prediction.vein_probability[tuple(indices.T)] / SCALE
    return np.array(
        [
            np.log(max(volume_ml, 1e-4)),
            np.log(max(extent_mm, 1e-2)),
            float(logit(thrombus.mean())),
            float(logit(np.percentile(thrombus, 95))),
            float(vein.mean()),
            float(level is Level.DISTAL),
        ]
    )


def features_of(finding: Finding, prediction: Prediction) -> NDArray[np.float64]:
    """(6,) LESION_FEATURES of a finding, to fit a calibration on."""
    return lesion_features(
        finding.indices, finding.volume_ml, finding.extent_mm, finding.level, prediction
    )


def study_features(findings: tuple[Finding, ...], profile: Profile) -> NDArray[np.float64]:
    """(3,) STUDY_FEATURES: the likeliest lesion, all lesions by noisy-or (the probability that one or
    more is real were they independent), and the profile's peak. Without findings the first two are 0."""
    lesions = np.array([finding.probability for finding in findings])
    likeliest = lesions.max(initial=0.0)
    any_of_them = 1.0 - np.prod(1.0 - lesions)
    return logit(np.array([likeliest, any_of_them, profile_peak(profile)]))


def profile_peak(profile: Profile) -> float:
    """Highest mean of the profile over PEAK_MM of the body; 0 for an empty profile."""
    count = len(profile.positions_mm)
    if not count:
        return 0.0
    step = float(np.median(np.diff(profile.positions_mm))) if count > 1 else PEAK_MM
    width = min(count, max(1, round(PEAK_MM / max(step, 1e-6))))
    means = np.convolve(profile.probability.astype(np.float64), np.full(width, 1 / width), "valid")
    return float(means.max())


def calibrate_profile(profile: Profile, calibration: LogisticCalibration | None) -> Profile:
    """The profile with Platt-scaled probabilities; itself without a calibration."""
    if calibration is None:
        return profile
    scores = logit(profile.probability)[:, None]
    return replace(profile, probability=calibration.apply(scores).astype(np.float32))
