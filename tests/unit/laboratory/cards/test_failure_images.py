import numpy as np
import pytest

from deepvein.inference.prediction import Prediction, Profile
from deepvein.laboratory.cards.failure_images import (
    CROP_MM,
    PIXEL_MM,
    Failure,
    false_snapshots,
    missed_snapshots,
)
from deepvein.studies.study import Format, Identity, Modality, Origin, Study
from deepvein.volumes.grid import AXIAL, CORONAL, Grid
from deepvein.volumes.volume import Volume
from unit.laboratory.trials.outcomes import finding

SHAPE = (60, 60, 60)
PIXELS = round(CROP_MM / PIXEL_MM)


def scene(directions=AXIAL):
    """A vein through a cube of 120 mm with a thrombus at its widest in one place."""
    grid = Grid.from_directions(SHAPE, (2.0, 2.0, 2.0), directions=directions)
    veins = np.zeros(SHAPE, bool)
    thrombi = np.zeros(SHAPE, np.uint8)
    veins[:, 25:35, 25:35] = True
    thrombi[20:30, 28:31, 28:31] = 1
    thrombi[25, 26:34, 26:34] = 1
    probability = np.zeros(SHAPE, np.uint8)
    probability[40:44, 28:31, 28:31] = 200
    image = np.where(veins, 150, 40).astype(np.int16)
    study = Study(
        "made up", Modality.CT, Volume(image, grid), Identity(), Origin("x", Format.NIFTI, ())
    )
    prediction = Prediction(
        grid=grid,
        vein_probability=veins.astype(np.uint8) * 255,
        thrombus_probability=probability,
        territories=Volume(
            np.zeros((2, 2, 2), np.uint8), Grid.from_directions((2,) * 3, (60.0,) * 3)
        ),
        profile=Profile(np.zeros(0), np.zeros(0, np.float32)),
        models=(),
        device="cpu",
        seconds=0.0,
    )
    return study, prediction, veins, thrombi


def test_a_missed_thrombus_is_shown_where_it_is_largest():
    study, prediction, veins, thrombi = scene()
    (made,) = missed_snapshots([(1, 2.5, "left")], study, prediction, veins, thrombi)
    assert (made.failure, made.weight, made.text) == (Failure.MISSED, 2.5, "left")
    assert made.z_mm == 50.0
    assert made.grey.shape == (PIXELS, PIXELS)
    # In the middle of the picture, with its true size: 16 mm in 0.75 mm pixels.
    assert made.truth[PIXELS // 2, PIXELS // 2]
    assert made.truth.sum() * PIXEL_MM**2 == pytest.approx(16.0**2, rel=0.1)
    assert made.veins.sum() * PIXEL_MM**2 == pytest.approx(20.0**2, rel=0.1)
    assert not made.found.any()
    assert made.grey[PIXELS // 2, PIXELS // 2] > made.grey[5, PIXELS // 2] > 0


def test_coronal_studies_are_shown_axially_too():
    study, prediction, veins, thrombi = scene(CORONAL)
    (made,) = missed_snapshots([(1, 1.0, "left")], study, prediction, veins, thrombi)
    assert made.truth[PIXELS // 2, PIXELS // 2]


def test_false_findings_are_shown_the_likeliest_first_and_no_more_than_three():
    from dataclasses import replace

    study, prediction, veins, thrombi = scene()
    point = tuple(prediction.grid.to_world([(42, 29, 29)])[0].tolist())
    false = [replace(finding(p), key_point_mm=point) for p in (0.2, 0.9, 0.4, 0.3)]
    made = false_snapshots(false, study, prediction, veins, thrombi)
    assert [one.weight for one in made] == [0.9, 0.4, 0.3]
    assert all(one.failure is Failure.FALSE for one in made)
    assert made[0].found[PIXELS // 2, PIXELS // 2]
    assert not made[0].truth.any()
    assert "probability 0.90" in made[0].text


def test_nothing_wrong_is_nothing_to_show():
    study, prediction, veins, thrombi = scene()
    assert missed_snapshots([], study, prediction, veins, thrombi) == ()
    assert false_snapshots([], study, prediction, veins, thrombi) == ()
