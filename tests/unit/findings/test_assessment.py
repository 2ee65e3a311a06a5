from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.veins import Side
from deepvein.findings.assessment import Assessment
from deepvein.findings.calibration import Calibration, LogisticCalibration
from deepvein.findings.features import STUDY_FEATURES
from deepvein.findings.screening import OperatingPoint, Verdict
from deepvein.inference.prediction import Profile
from deepvein.studies.study import Modality, Remark
from deepvein.volumes.grid import Grid
from unit.findings.legs import Legs, Tube, assessed, axial, coronal, findings_in

GRID = axial()


def result_of(legs: Legs, grid: Grid = GRID, **options: object) -> Assessment:
    study, prediction = legs.study(grid), legs.prediction(grid)
    return assessed(study, prediction, findings_in(prediction, study), **options)


def test_a_thrombus_is_suspected_with_the_likeliest_probability():
    legs = Legs((Tube(probability=0.6), Tube(Side.RIGHT, probability=0.8)))
    verdict, probability, remarks = result_of(legs)
    assert verdict is Verdict.SUSPECTED
    assert probability == pytest.approx(0.8)
    assert remarks == ()


def test_open_veins_are_not_suspected():
    assert result_of(Legs()) == (Verdict.NOT_SUSPECTED, 0.0, ())


def test_contrast_medium_that_was_followed_in_the_veins_is_not_missed_by_a_remark():
    legs = Legs()
    study, prediction = legs.study(GRID), legs.prediction(GRID)
    doubted = replace(study, remarks=(Remark("no-opacification", "none"), Remark("other", "kept")))
    assert assessed(doubted, prediction, ()).remarks == (Remark("other", "kept"),)


@pytest.mark.parametrize(
    ("threshold", "verdict"), [(0.8, Verdict.SUSPECTED), (0.81, Verdict.NOT_SUSPECTED)]
)
def test_the_operating_point_decides(threshold: float, verdict: Verdict):
    point = OperatingPoint("test", threshold, None, None, "nothing")
    assert result_of(Legs((Tube(probability=0.8),)), operating_point=point).verdict is verdict


@pytest.mark.parametrize(
    ("legs", "code"), [(Legs(legs=False), "not-legs"), (Legs(veins=False), "no-veins")]
)
@pytest.mark.parametrize("grid", [GRID, coronal()])
def test_what_cannot_be_assessed_says_why_and_gives_no_probability(
    legs: Legs, code: str, grid: Grid
):
    verdict, probability, remarks = result_of(legs, grid)
    assert verdict is Verdict.NOT_ASSESSABLE
    assert probability is None
    assert [remark.code for remark in remarks] == [code]


def test_veins_at_few_levels_are_not_enough():
    legs = Legs()
    prediction = legs.prediction(GRID)
    prediction.vein_probability[10:] = 0
    verdict, _, remarks = assessed(legs.study(GRID), prediction, ())
    assert verdict is Verdict.NOT_ASSESSABLE
    assert "only 17 % of the levels" in remarks[-1].text


@pytest.mark.parametrize("modality", Modality)
def test_without_contrast_medium_there_is_no_answer(modality: Modality):
    # Unenhanced blood beside muscle of 55 HU; in MR its signal is 1.04 times the muscle's.
    legs = Legs((Tube(),), blood=(52, 52))
    study, prediction = legs.study(GRID, modality), legs.prediction(GRID)
    verdict, probability, remarks = assessed(study, prediction, findings_in(prediction, study))
    assert (verdict, probability) == (Verdict.NOT_ASSESSABLE, None)
    assert [remark.code for remark in remarks] == ["no-contrast"]


def test_one_vein_without_contrast_medium_is_no_obstacle():
    result = result_of(Legs(blood=(120, 45)))
    assert result.verdict is Verdict.NOT_SUSPECTED
    assert {remark.code for remark in result.remarks} == {
        "poor-opacification",
        "asymmetric-opacification",
    }


def test_a_calibration_of_studies_is_applied():
    constant = LogisticCalibration(STUDY_FEATURES, (0.0,) * 3, (1.0,) * 3, (0.0,) * 3, 1.0)
    result = result_of(Legs((Tube(),)), calibration=Calibration(study=constant))
    assert result.probability == pytest.approx(1 / (1 + np.exp(-1)))


@pytest.mark.parametrize("profile", [Profile(np.zeros(0), np.zeros(0, np.float32)), None])
def test_a_suspicion_that_no_finding_explains_is_said(profile: Profile | None):
    constant = LogisticCalibration(STUDY_FEATURES, (0.0,) * 3, (1.0,) * 3, (0.0,) * 3, 1.0)
    legs = Legs()
    prediction = legs.prediction(GRID)
    if profile is not None:
        prediction = replace(prediction, profile=profile)
    verdict, _, remarks = assessed(legs.study(GRID), prediction, (), Calibration(study=constant))
    assert verdict is Verdict.SUSPECTED
    assert remarks[-1].code == "suspicion-without-finding"


def test_the_studys_own_remarks_come_first():
    own = Remark("few-slices", "There are few slices.")
    legs = Legs(blood=(120, 70))
    study = replace(legs.study(GRID), remarks=(own,))
    remarks = assessed(study, legs.prediction(GRID), ()).remarks
    assert [remark.code for remark in remarks] == [
        "few-slices",
        "poor-opacification",
        "asymmetric-opacification",
    ]


def test_mr_studies_are_assessed_on_their_coronal_grid():
    legs = Legs((Tube(Side.LEFT, 300, 400, 12),))
    study, prediction = legs.study(coronal(), Modality.MR), legs.prediction(coronal())
    result = assessed(study, prediction, findings_in(prediction, study))
    assert result.verdict is Verdict.SUSPECTED
    assert result.remarks == ()
