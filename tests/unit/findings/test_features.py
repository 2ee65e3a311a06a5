import numpy as np
import pytest

from deepvein.anatomy.veins import Side
from deepvein.findings.calibration import LogisticCalibration, logit
from deepvein.findings.features import (
    LESION_FEATURES,
    calibrate_profile,
    features_of,
    profile_peak,
    study_features,
)
from deepvein.inference.prediction import Profile
from unit.findings.legs import Legs, Tube, axial, findings_in

GRID = axial()


def profile(values: list[float], step_mm: float = 5.0) -> Profile:
    return Profile(np.arange(len(values)) * step_mm, np.array(values, dtype=np.float32))


def test_lesion_features_of_a_drawn_thrombus():
    legs = Legs((Tube(Side.LEFT, 50, 150),))
    prediction = legs.prediction(GRID)
    (finding,) = findings_in(prediction, legs.study(GRID))
    named = dict(zip(LESION_FEATURES, features_of(finding, prediction), strict=True))
    assert named["log_volume"] == pytest.approx(np.log(finding.volume_ml))
    assert named["log_extent"] == pytest.approx(np.log(100))
    assert named["mean_probability_logit"] == pytest.approx(np.log(230 / 25))
    assert named["top_probability_logit"] == pytest.approx(np.log(230 / 25))
    assert named["vein_probability"] == pytest.approx(240 / 255)
    assert named["distal"] == 1


def test_study_features_combine_lesions_by_maximum_and_noisy_or():
    legs = Legs((Tube(probability=0.6), Tube(Side.RIGHT, probability=0.8)))
    findings = findings_in(legs.prediction(GRID), legs.study(GRID))
    values = study_features(findings, profile([0.0, 0.0]))
    p, q = 153 / 255, 204 / 255
    assert values[:2] == pytest.approx(logit([q, 1 - (1 - p) * (1 - q)]))


def test_without_findings_or_profile_the_features_are_those_of_zero():
    assert study_features((), profile([])) == pytest.approx(logit([0.0, 0.0, 0.0]))


def test_the_peak_is_a_mean_over_ten_millimetres():
    # 10 mm are two positions 5 mm apart, and one position 20 mm apart.
    assert profile_peak(profile([0, 0, 0.8, 0.4, 0, 0])) == pytest.approx(0.6)
    assert profile_peak(profile([0, 0.8, 0.4], step_mm=20)) == pytest.approx(0.8)
    assert profile_peak(profile([0.7])) == pytest.approx(0.7)
    assert profile_peak(profile([])) == 0


def test_profile_calibration_is_monotonic_and_optional():
    raw = profile([0.1, 0.5, 0.9])
    assert calibrate_profile(raw, None) is raw
    steeper = LogisticCalibration(("probability_logit",), (0.0,), (1.0,), (2.0,), 0.0)
    scaled = calibrate_profile(raw, steeper)
    # Odds of 1:9 squared are 1:81.
    assert scaled.probability == pytest.approx([1 / 82, 0.5, 81 / 82], rel=1e-4)
    assert scaled.probability.dtype == np.float32
