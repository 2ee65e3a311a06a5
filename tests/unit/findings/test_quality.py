from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.veins import Side
from deepvein.findings.quality import QualitySettings, noise_hu, remarks_on
from deepvein.inference.prediction import Prediction
from deepvein.studies.study import Modality, Remark, Study
from deepvein.veins.side import midline
from deepvein.volumes.grid import Grid
from unit.findings.legs import Legs, axial, coronal

GRID = axial()


def remarks(study: Study, prediction: Prediction) -> dict[str, str]:
    found = remarks_on(study, prediction, midline(study))
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
    assert "side-unknown" not in remarks(study, Legs(left=False).prediction(GRID))


@pytest.mark.parametrize("grid", [GRID, coronal()])
def test_metal_is_told_with_the_length_that_streaks_spoil(grid: Grid):
    study = Legs().study(grid)
    z = np.broadcast_to(grid.body_positions_mm(), grid.shape[:1] + grid.shape[1:][::-1])
    z = np.moveaxis(z, -1, 1) if grid.body_axis == 1 else np.indices(grid.shape)[0] * 10 + 5.0
    study.volume.array[(z > 250) & (z < 270) & (study.volume.array > 0)] = 3000
    found = remarks(study, Legs().prediction(grid))
    low, high = (z[study.volume.array == 3000].min(), z[study.volume.array == 3000].max())
    assert f"from z = {low - 22.5:.0f} to {high + 22.5:.0f} mm" in found["metal"]


@pytest.mark.parametrize("sd", [5.0, 12.0, 40.0])
def test_noise_is_measured_in_soft_tissue(sd: float):
    study = Legs(blood=(55, 55)).study(axial((20, 2, 2)))
    rng = np.random.default_rng(0)
    study.volume.array[:] += rng.normal(0, sd, study.volume.array.shape).round().astype(np.int16)
    assert noise_hu(study) == pytest.approx(sd, rel=0.08)


def test_strong_noise_is_remarked():
    study = Legs().study(GRID)
    rng = np.random.default_rng(0)
    study.volume.array[:] += rng.normal(0, 45, study.volume.array.shape).astype(np.int16)
    assert "high-noise" in remarks(study, Legs().prediction(GRID))


def test_no_soft_tissue_has_no_noise():
    assert noise_hu(Legs(right=False, left=False).study(GRID)) is None


def test_limits_are_settings():
    legs = Legs()
    strict = QualitySettings(adequate_hu=200)
    found = remarks_on(legs.study(GRID), legs.prediction(GRID), midline(legs.study(GRID)), strict)
    assert [remark.code for remark in found] == ["poor-opacification"]
