from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.veins import Side
from deepvein.core.errors import SettingsError
from deepvein.findings.calibration import LogisticCalibration, logit
from deepvein.findings.features import (
    LESION_FEATURES,
    READ_LESION_FEATURES,
    calibrate_profile,
    features_of,
    lesion_feature_names,
    lesion_features,
    profile_peak,
    study_features,
)
from deepvein.inference.prediction import Prediction, Profile
from deepvein.inference.second_reader.answers import Reading, WayReading
from deepvein.inference.second_reader.way import Way
from unit.findings.legs import VEIN_X_MM, Legs, Tube, axial, findings_in

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


def read(prediction: Prediction, thrombus: float, artefact: float) -> Prediction:
    """A second reader who followed the left leg and gave every section and pixel the same answers."""
    n = 200
    centres = np.column_stack([np.full(n, VEIN_X_MM), np.zeros(n)])
    way = Way(Side.LEFT, np.arange(n), centres, np.ones(n, bool), np.full(n, 7, np.uint8))
    sections = [np.full(n, answer, np.float32) for answer in (thrombus, artefact)]
    pixels = np.full((n, 28, 28), 0.6, np.float32)
    reading = Reading(
        prediction.thrombus_probability // 2, (WayReading(way, *sections, pixels, 0.9),)
    )
    return replace(prediction, reading=reading)


def test_a_second_opinion_adds_its_own_features():
    legs = Legs((Tube(Side.LEFT, 250, 400),))
    prediction = read(legs.prediction(GRID), thrombus=0.8, artefact=0.1)
    (finding,) = findings_in(prediction, legs.study(GRID))
    assert lesion_feature_names(prediction) == READ_LESION_FEATURES
    named = dict(zip(READ_LESION_FEATURES, features_of(finding, prediction), strict=True))
    assert named["log_extent"] == pytest.approx(np.log(150))
    assert named["mean_first_stage_logit"] == pytest.approx(np.log(115 / 140))
    assert named["mean_reader_logit"] == pytest.approx(np.log(1.5), rel=1e-4)
    assert named["mean_section_logit"] == pytest.approx(np.log(4), rel=1e-4)
    assert named["mean_artefact_logit"] == pytest.approx(-np.log(9), rel=1e-4)
    height = np.ptp(prediction.grid.corners_mm[:, 2])
    assert named["log_coverage"] == pytest.approx(np.log(height))


def test_where_no_way_runs_the_second_reader_has_seen_nothing():
    legs = Legs((Tube(Side.RIGHT, 250, 400),))
    prediction = read(legs.prediction(GRID), thrombus=0.8, artefact=0.8)
    (finding,) = findings_in(prediction, legs.study(GRID))
    named = dict(zip(READ_LESION_FEATURES, features_of(finding, prediction), strict=True))
    assert named["mean_reader_logit"] == named["mean_section_logit"] == logit(0.0)


def test_features_of_a_reader_who_was_not_asked_are_refused():
    legs = Legs((Tube(Side.LEFT, 250, 400),))
    prediction = legs.prediction(GRID)
    (finding,) = findings_in(prediction, legs.study(GRID))
    with pytest.raises(SettingsError, match="mean_section_logit, which is not known"):
        lesion_features(
            finding.indices, 1.0, 1.0, finding.level, prediction, ("mean_section_logit",)
        )


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
