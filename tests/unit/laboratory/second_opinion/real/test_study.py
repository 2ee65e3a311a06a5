"""With the sample files beside the checkout; skipped without them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepvein.anatomy.veins import VeinSegment, deep_mask, encode, segment_labels
from deepvein.core.errors import SettingsError, StudyError
from deepvein.laboratory.second_opinion.legs.study import LEGS, Part
from deepvein.laboratory.second_opinion.real.study import REAL, real_legs
from deepvein.studies.study import Modality

DATA = Path(__file__).resolve().parents[6] / "shared" / "data" / "mr_whole_leg"
SMALL = replace(
    REAL[Part.THIGHS], slice_mm=(4.0,), column_mm=(1.5, 1.6), most_slices=30, columns=16
)

needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is absent")


@pytest.fixture(scope="module")
def studies():
    return [real_legs(number, DATA, SMALL) for number in range(4)]


@needs_data
def test_odd_studies_have_a_thrombus_of_the_stated_size_in_the_stated_vein(studies):
    assert [one.acute for one in studies] == [None, True, None, False]
    for one in studies[1::2]:
        inside = one.thrombi.array > 0
        assert deep_mask(one.veins.array)[inside].all()
        labels, counts = np.unique(one.veins.array[inside], return_counts=True)
        assert labels[counts.argmax()] == encode(one.clot.segment, one.clot.side)
        slices = np.flatnonzero(inside.any(axis=(1, 2)))
        assert (slices[-1] - slices[0] + 1) * 4 == pytest.approx(one.clot.length_mm, abs=12)
        assert one.clot.volume_ml == pytest.approx(
            inside.sum() * one.image.grid.voxel_volume_ml, rel=1e-6
        )
    assert not any(one.thrombi.array.any() for one in studies[::2])


@needs_data
def test_muscle_fat_bone_and_blood_have_their_hounsfield_units(studies):
    for one in studies:
        image = one.image.array
        for low, wanted in ((20, (48, 70)), (-140, (-115, -85))):
            values = np.arange(low, low + 80)
            often = np.array([np.count_nonzero(np.abs(image - value) < 6) for value in values])
            assert wanted[0] < values[often.argmax()] < wanted[1]
        assert 500 < image.max() < 1700
        blood = (segment_labels(one.veins.array) == VeinSegment.FEMORAL) & (one.thrombi.array == 0)
        assert 80 < np.percentile(image[blood], 80) < 150


@needs_data
def test_a_study_can_be_made_again(studies):
    assert np.array_equal(real_legs(1, DATA, SMALL).image.array, studies[1].image.array)


def test_a_folder_without_the_stations_is_refused(tmp_path):
    with pytest.raises(StudyError, match="QMRITools"):
        real_legs(0, tmp_path)


def test_parts_that_are_not_made_are_refused(tmp_path):
    with pytest.raises(SettingsError, match="CT of knees, calves, thighs"):
        real_legs(0, tmp_path, LEGS[Modality.MR, Part.KNEES])
