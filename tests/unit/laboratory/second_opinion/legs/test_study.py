import inspect
import pkgutil
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment, decode, deep_mask, encode, segment_labels
from deepvein.core.errors import SettingsError
from deepvein.laboratory.second_opinion import legs as package
from deepvein.laboratory.second_opinion.legs.study import LEGS, LegSettings, Part, legs
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Plane

SMALL = LegSettings(slice_mm=(2.8,), column_mm=(1.5, 1.6), most_slices=24, columns=16)
COARSE_MR = replace(
    LEGS[Modality.MR, Part.KNEES],
    slice_mm=(2.8,),
    column_mm=(1.4, 1.5),
    row_mm=1.6,
    most_slices=24,
)


@pytest.fixture(scope="module")
def studies():
    return [legs(number, SMALL) for number in range(4)]


@pytest.fixture(scope="module")
def mr():
    return legs(1, COARSE_MR)


def voxels(one, segments):
    return np.isin(segment_labels(one.veins.array), segments) & (one.thrombi.array == 0)


def test_odd_studies_have_a_thrombus_and_both_ages_occur(studies):
    assert [one.acute for one in studies] == [None, True, None, False]
    assert [bool(one.thrombi.array.any()) for one in studies] == [False, True, False, True]


def test_a_thrombus_lies_in_the_vein_and_leg_that_are_told(studies):
    for one in studies[1::2]:
        inside = one.thrombi.array > 0
        assert deep_mask(one.veins.array)[inside].all()
        labels, counts = np.unique(one.veins.array[inside], return_counts=True)
        assert labels[counts.argmax()] == encode(one.clot.segment, one.clot.side)


def test_a_thrombus_is_as_large_as_is_told(studies):
    for one in studies[1::2]:
        slices = np.flatnonzero((one.thrombi.array > 0).any(axis=(1, 2)))
        assert (slices[-1] - slices[0] + 1) * 2.8 == pytest.approx(one.clot.length_mm, abs=9)
        assert 15 <= one.clot.length_mm <= 80
        volume = one.thrombi.array.sum() * one.image.grid.voxel_volume_ml
        assert one.clot.volume_ml == pytest.approx(volume)
        assert 0.05 < volume < 4


def test_ct_has_hounsfield_units_of_the_venous_phase(studies):
    for one in studies:
        image = one.image.array
        assert image.min() >= -1024
        muscle, fat = (np.arange(low, low + 80) for low in (20, -140))
        # The values that most of either have; the means know too much of what lies beside.
        for values, wanted in ((muscle, (48, 70)), (fat, (-115, -85))):
            often = np.array([np.count_nonzero(np.abs(image - value) < 6) for value in values])
            assert wanted[0] < values[often.argmax()] < wanted[1]
        assert image.max() > 500
        # Of voxels this large, those at the edge of a vein are darker.
        blood = np.percentile(image[voxels(one, [VeinSegment.POPLITEAL])], 80)
        assert 85 < blood < 145


def test_thrombi_in_ct_are_darker_than_blood(studies):
    for one in studies[1::2]:
        wanted = 57 if one.acute else 40
        inside = one.image.array[one.thrombi.array > 0]
        # A thin thrombus takes some of the blood or the fat beside it.
        assert np.median(inside) == pytest.approx(wanted, abs=18)


def test_veins_are_told_by_side_and_the_femoral_vein_is_above_the_popliteal(studies):
    for one in studies:
        middle = one.veins.array.shape[2] // 2
        right, left = one.veins.array[..., :middle], one.veins.array[..., middle:]
        assert {decode(int(v))[1] for v in np.unique(right) if v} == {Side.RIGHT}
        assert {decode(int(v))[1] for v in np.unique(left) if v} == {Side.LEFT}
        femoral, popliteal = (
            np.flatnonzero((segment_labels(one.veins.array) == s).any(axis=(1, 2)))
            for s in (VeinSegment.FEMORAL, VeinSegment.POPLITEAL)
        )
        assert popliteal.size
        assert not femoral.size or femoral.min() >= popliteal.max()


def test_mr_is_coronal_and_its_veins_outshine_muscle(mr):
    assert mr.image.grid.plane is Plane.CORONAL
    assert mr.veins.grid.plane is mr.thrombi.grid.plane is Plane.CORONAL
    image = mr.image.array.astype(float)
    assert image.min() >= 0
    muscle = np.percentile(image, 75)
    blood = np.median(image[voxels(mr, [VeinSegment.POPLITEAL, VeinSegment.FEMORAL])])
    clot = np.median(image[mr.thrombi.array > 0])
    assert blood > 1.4 * muscle
    assert clot < 0.75 * blood


def test_one_knee_is_one_leg_of_either_side():
    settings = replace(SMALL, part=Part.KNEE, most_slices=8)
    found = set()
    for number in range(0, 8, 2):
        one = legs(number, settings)
        sides = {decode(int(v))[1] for v in np.unique(one.veins.array) if v}
        assert len(sides) == 1
        found |= sides
    assert found == {Side.RIGHT, Side.LEFT}


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        (Part.CALVES, {VeinSegment.PERONEAL, VeinSegment.POSTERIOR_TIBIAL, VeinSegment.SOLEAL}),
        (Part.THIGHS, {VeinSegment.FEMORAL, VeinSegment.DEEP_FEMORAL}),
    ],
)
def test_calves_and_thighs_show_and_ail_in_their_own_veins(part, shown):
    one = legs(1, replace(SMALL, part=part, column_mm=(1.6, 1.6)))
    assert shown & set(np.unique(segment_labels(one.veins.array)).tolist())
    assert one.clot.segment in shown


def test_a_study_can_be_made_again_and_numbers_differ(studies):
    again = legs(1, SMALL)
    assert again.image.array.tobytes() == studies[1].image.array.tobytes()
    assert again.thrombi.array.tobytes() == studies[1].thrombi.array.tobytes()
    assert again.clot == studies[1].clot
    assert studies[3].image.array.tobytes() != studies[1].image.array.tobytes()


def test_too_few_slices_for_a_thrombus_are_refused():
    with pytest.raises(SettingsError, match="3 slices of 2.8 mm"):
        legs(1, replace(SMALL, part=Part.KNEE, most_slices=3))


def test_nothing_comes_from_the_generator_or_the_knees_of_plain_geometry():
    for found in pkgutil.iter_modules(package.__path__):
        source = inspect.getsource(import_module(f"{package.__name__}.{found.name}"))
        lines = [line for line in source.splitlines() if line.startswith(("import", "from"))]
        assert not [line for line in lines if "phantoms" in line or "knees" in line]
        assert "import_module" not in source
