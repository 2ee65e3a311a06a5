from dataclasses import replace

import pytest

from deepvein.anatomy.veins import Side
from deepvein.findings.quality import remarks_on
from deepvein.inference.prediction import Prediction
from deepvein.studies.study import Format, Modality, Remark, Study
from deepvein.veins.tree import vein_tree
from deepvein.volumes.grid import Grid
from unit.findings.legs import Legs, axial, coronal

GRID = axial()


def remarks(study: Study, prediction: Prediction) -> dict[str, str]:
    found = remarks_on(study, vein_tree(prediction, study))
    assert all(isinstance(remark, Remark) and remark.text.endswith(".") for remark in found)
    return {remark.code: remark.text for remark in found}


def of(legs: Legs, grid: Grid = GRID, modality: Modality = Modality.CT) -> dict[str, str]:
    return remarks(legs.study(grid, modality), legs.prediction(grid))


@pytest.mark.parametrize(("grid", "modality"), [(GRID, Modality.CT), (coronal(), Modality.MR)])
def test_a_good_study_needs_no_remark(grid: Grid, modality: Modality):
    assert of(Legs(), grid, modality) == {}


def test_weak_contrast_on_both_sides_is_poor_and_even():
    found = of(Legs(blood=(65, 65)))
    assert set(found) == {"poor-opacification"}
    assert "right pelvis (65 HU)" in found["poor-opacification"]
    assert "more than 70 HU" in found["poor-opacification"]


def test_weak_contrast_on_one_side_is_uneven():
    found = of(Legs(blood=(120, 80)))
    assert set(found) == {"asymmetric-opacification"}
    assert "calf (left weaker)" in found["asymmetric-opacification"]


def test_weak_mr_contrast_is_told_as_a_ratio():
    found = of(Legs(blood=(60, 60)), coronal(), Modality.MR)
    assert "1.2 times the tissue" in found["poor-opacification"]


def test_stations_outside_the_field_of_view_are_named():
    found = of(Legs(), axial(bottom_mm=320))
    assert found["incomplete-coverage"].startswith("The study does not show the knee and calf")


def test_a_leg_without_visible_veins_is_named():
    legs = Legs()
    prediction = legs.prediction(GRID)
    prediction.vein_probability[:20, :, :60] = 0
    found = remarks(legs.study(GRID), prediction)
    assert set(found) == {"veins-not-seen"}
    assert "right calf" in found["veins-not-seen"]


def test_an_unknown_side_is_said():
    assert "side-unknown" in of(Legs(left=False))
    study = replace(Legs(left=False).study(GRID), laterality=Side.RIGHT)
    assert remarks(study, Legs(left=False).prediction(GRID)) == {}


def test_the_place_of_a_lone_leg_is_a_hint_and_a_check():
    legs = Legs(left=False)
    assert "to the right of the scanner's centre" in of(legs)["side-unknown"]
    centred = Legs(left=False, centre_mm=70.0)
    assert "centre" not in of(centred)["side-unknown"]
    study = replace(legs.study(GRID), laterality=Side.LEFT)
    said = remarks(study, legs.prediction(GRID))["laterality-against-position"]
    assert "the left leg, but the one that is seen lies 95 mm to the right" in said
    nifti = replace(study, origin=replace(study.origin, format=Format.NIFTI))
    assert remarks(nifti, legs.prediction(GRID)) == {}


def test_a_header_that_names_one_of_two_legs_is_remarked():
    study = replace(Legs().study(GRID), laterality=Side.LEFT)
    found = remarks(study, Legs().prediction(GRID))
    assert set(found) == {"laterality-against-image"}
    assert "name the left side only, but both legs are seen" in found["laterality-against-image"]
