from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.veins import deep_mask
from deepvein.laboratory.second_opinion.knees import KNEES, KneeSettings, knees
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Plane

SMALL = KneeSettings(slices=(60, 60), rows=170, columns=360, spacing_mm=(2.0, 0.9, 0.9))


@pytest.fixture(scope="module")
def studies():
    return [knees(number, SMALL) for number in range(4)]


def test_half_are_healthy_and_both_ages_occur(studies):
    assert [one.acute for one in studies] == [None, True, None, False]
    assert [bool(one.thrombi.array.any()) for one in studies] == [False, True, False, True]


def test_thrombi_lie_in_deep_veins_and_are_of_the_stated_size(studies):
    for one in studies[1::2]:
        thrombus = one.thrombi.array > 0
        assert deep_mask(one.veins.array)[thrombus].all()
        z = np.flatnonzero(thrombus.any(axis=(1, 2)))
        assert 20 <= (z[-1] - z[0] + 1) * 2.0 <= 82
        assert 0.05 < thrombus.sum() * one.image.grid.voxel_volume_ml < 4


def test_values_are_those_of_the_settings(studies):
    for one in studies[1::2]:
        inside = one.thrombi.array > 0
        open_vein = (one.veins.array > 0) & ~inside
        wanted = SMALL.thrombus[0 if one.acute else 1]
        assert np.median(one.image.array[inside]) == pytest.approx(wanted, abs=8)
        assert 85 < np.median(one.image.array[open_vein]) < 145


def test_mr_shows_coronal_slices_in_which_veins_outshine_muscle_and_thrombi_do_not():
    one = knees(1, replace(KNEES[Modality.MR], slices=(110, 110)))
    assert one.image.grid.plane is Plane.CORONAL
    assert one.image.array.min() >= 0
    inside = one.thrombi.array > 0
    open_vein = (one.veins.array > 0) & ~inside
    vein, thrombus = (np.median(one.image.array[where]) / 300 for where in (open_vein, inside))
    assert 1.4 < vein < 2.8
    assert 0.6 < thrombus < 1.4


def test_a_study_can_be_made_again():
    assert np.array_equal(knees(1, SMALL).image.array, knees(1, SMALL).image.array)
