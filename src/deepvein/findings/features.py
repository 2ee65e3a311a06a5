"""The numbers that probabilities are computed from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Level
from deepvein.core.errors import SettingsError
from deepvein.findings.calibration import LogisticCalibration, logit
from deepvein.findings.finding import Finding
from deepvein.inference.prediction import SCALE, Prediction, Profile
from deepvein.inference.second_reader.answers import answers_at

LESION_FEATURES = (
    "log_volume",
    "log_extent",
    "mean_probability_logit",
    "top_probability_logit",
    "vein_probability",
    "distal",
)
"""What one opinion says of a candidate; volume in ml and extent in mm, natural logarithms."""

READ_LESION_FEATURES = (
    "log_extent",
    "mean_first_stage_logit",
    "top_first_stage_logit",
    "mean_reader_logit",
    "mean_section_logit",
    "mean_artefact_logit",
    "log_coverage",
)
"""What both opinions say of it, where a second reader has followed the veins, and how much of the body the
study shows, in mm: the more vein is looked at, the more candidates are wrong ones, while thrombi are as many.
Chosen on validation studies: volume, level, vein and the reader's tops added nothing to these."""

STUDY_FEATURES = ("likeliest_lesion_logit", "all_lesions_logit", "profile_peak_logit")
"""Columns of `study_features`."""

PROFILE_FEATURES = ("probability_logit",)

PEAK_MM = 10.0
"""Length along the body over which the profile is averaged for its peak: shorter bumps are noise."""


def lesion_feature_names(prediction: Prediction) -> tuple[str, ...]:
    """Those that a calibration for predictions of this kind is fitted on."""
    return LESION_FEATURES if prediction.reading is None else READ_LESION_FEATURES


def lesion_features(
    indices: NDArray[np.int64],
    volume_ml: float,
    extent_mm: float,
    level: Level,
    prediction: Prediction,
    names: Sequence[str],
) -> NDArray[np.float64]:
    """(k,) the k named features of one candidate of at least one voxel.

    Raises SettingsError for a name that nothing is known under, as are those of a second reader where there
    was none.
    """
    vein = prediction.vein_probability[tuple(indices.T)] / SCALE
    known = {
        "log_volume": float(np.log(max(volume_ml, 1e-4))),
        "log_extent": float(np.log(max(extent_mm, 1e-2))),
        "vein_probability": float(vein.mean()),
        "distal": float(level is Level.DISTAL),
        "log_coverage": float(np.log(np.ptp(prediction.grid.corners_mm[:, 2]))),
    }
    told = {"probability": prediction.thrombus_probability[tuple(indices.T)] / SCALE}
    if prediction.reading is not None:
        answers = answers_at(prediction.reading.ways, prediction.grid.to_world(indices))
        told |= {
            "first_stage": prediction.reading.first_stage[tuple(indices.T)] / SCALE,
            "reader": answers.pixel,
            "section": answers.thrombus,
            "artefact": answers.artefact,
        }
    for name, values in told.items():
        known[f"mean_{name}_logit"] = float(logit(values.mean()))
        known[f"top_{name}_logit"] = float(logit(np.percentile(values, 95)))
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SettingsError(
            f"a calibration asks for {', '.join(unknown)}, which is not known of this prediction "
            f"(known: {', '.join(known)})"
        )
    return np.array([known[name] for name in names])


def features_of(finding: Finding, prediction: Prediction) -> NDArray[np.float64]:
    """(k,) `lesion_feature_names` of a finding, to fit a calibration on."""
    return lesion_features(
        finding.indices,
        finding.volume_ml,
        finding.extent_mm,
        finding.level,
        prediction,
        lesion_feature_names(prediction),
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
