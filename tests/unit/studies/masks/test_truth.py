import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.core.errors import MaskError
from deepvein.studies.masks import read_segments, read_thrombi
from deepvein.studies.nifti import write_nifti
from deepvein.volumes.volume import Volume
from unit.studies import making
from unit.studies.masks.test_reading import nrrd

GRID = making.grid_of(making.SHAPE)
BLOBS = making.two_blobs(GRID)
POPLITEAL = encode(VeinSegment.POPLITEAL, Side.LEFT)
FEMORAL = encode(VeinSegment.FEMORAL, Side.RIGHT)


def slicer(path, *names):
    values = {}
    for n, name in enumerate(names):
        values |= {f"Segment{n}_LabelValue": str(n + 1), f"Segment{n}_Name": name}
    return nrrd(path, BLOBS, **values)


def test_names_decide_which_vein_a_segment_is(tmp_path):
    path = slicer(tmp_path / "m.seg.nrrd", "left popliteal vein", "FV")
    labels = read_segments(path, GRID)
    expected = np.array([0, POPLITEAL, FEMORAL], np.uint8)[BLOBS.array]
    np.testing.assert_array_equal(labels.volume.array, expected)
    assert labels.names == {POPLITEAL: "left popliteal vein", FEMORAL: "FV"}
    assert labels.remarks == ("m.seg.nrrd does not say the side of 'FV', taken as right",)


def test_thrombi_and_veins_of_one_file_are_told_apart(tmp_path):
    path = slicer(tmp_path / "m.seg.nrrd", "left popliteal vein", "clot")
    thrombi, veins = read_thrombi(path, GRID), read_segments(path, GRID)
    np.testing.assert_array_equal(thrombi.volume.array > 0, BLOBS.array == 2)
    np.testing.assert_array_equal(veins.volume.array > 0, BLOBS.array == 1)
    assert thrombi.remarks == ()


@pytest.mark.parametrize("names", [("PTV_50", "clot"), ("PTV_50", "ROI_1"), ("GTV", "clot")])
def test_volumes_of_radiotherapy_are_left_out(tmp_path, names):
    labels = read_thrombi(slicer(tmp_path / "m.seg.nrrd", *names), GRID)
    np.testing.assert_array_equal(labels.volume.array > 0, BLOBS.array == 2)
    assert f"left out: '{names[0]}'" in labels.remarks[0]


def test_a_ptv_beside_a_gtv_is_neither_vein_nor_thrombus(tmp_path):
    path = slicer(tmp_path / "m.seg.nrrd", "GTV", "PTV")
    with pytest.raises(MaskError, match="names no vein"):
        read_segments(path, GRID)


def test_all_veins_under_one_name_are_one_whatever_their_number(tmp_path):
    """They were those of the vein whose number they happen to have."""
    path = slicer(tmp_path / "m.seg.nrrd", "thrombus", "veins")
    labels = read_segments(path, GRID)
    np.testing.assert_array_equal(labels.volume.array, BLOBS.array == 2)
    assert "marks 'veins' as one: no vein can be told by name" in labels.remarks[-1]


def test_regions_that_deny_a_thrombus_are_none(tmp_path):
    path = slicer(tmp_path / "m.seg.nrrd", "vein without clot", "clot")
    np.testing.assert_array_equal(read_thrombi(path, GRID).volume.array > 0, BLOBS.array == 2)


def test_where_no_region_is_called_a_thrombus_all_are_taken_aloud(tmp_path):
    labels = read_thrombi(slicer(tmp_path / "m.seg.nrrd", "external", "bowel"), GRID)
    np.testing.assert_array_equal(labels.volume.array, BLOBS.array)
    (remark,) = labels.remarks
    assert remark.endswith("all were taken as thrombi: 'external', 'bowel'")


@pytest.mark.parametrize("other", ["BODY", "External", "femoral artery", "Femur_L"])
def test_what_is_called_something_else_is_no_thrombus(tmp_path, other):
    labels = read_thrombi(slicer(tmp_path / "m.seg.nrrd", other, "ROI_1"), GRID)
    np.testing.assert_array_equal(labels.volume.array > 0, BLOBS.array == 2)
    assert f"left out: '{other}'" in labels.remarks[0]
    assert labels.remarks[1].endswith("taken as thrombi: 'ROI_1'")


@pytest.mark.parametrize("other", ["lesion", "External"])
def test_veins_beside_what_nothing_calls_a_thrombus_are_no_thrombi(tmp_path, other):
    path = slicer(tmp_path / "m.seg.nrrd", "left popliteal vein", other)
    with pytest.raises(MaskError, match=rf"calls no other region a thrombus \('{other}'\)"):
        read_thrombi(path, GRID)


def test_veins_alone_are_thrombi_only_where_the_file_says_so(tmp_path):
    names = ("left popliteal vein", "right femoral vein")
    with pytest.raises(MaskError, match="marks veins .* alone; name thrombi such as"):
        read_thrombi(slicer(tmp_path / "m.seg.nrrd", *names), GRID)
    labels = read_thrombi(slicer(tmp_path / "p1_thrombus.seg.nrrd", *names), GRID)
    np.testing.assert_array_equal(labels.volume.array, BLOBS.array)
    assert "all were taken as thrombi" in labels.remarks[0]


def test_a_thrombus_is_no_vein_segment_by_its_number(tmp_path):
    path = slicer(tmp_path / "m.seg.nrrd", "all veins", "clot")
    labels = read_segments(path, GRID)
    np.testing.assert_array_equal(labels.volume.array, BLOBS.array == 1)
    with pytest.raises(MaskError, match=r"marks thrombi alone \('clot', 'DVT'\)"):
        read_segments(slicer(tmp_path / "n.seg.nrrd", "clot", "DVT"), GRID)


@pytest.mark.parametrize("names", [("upper part", "lower part"), ("left vein", "right vein")])
def test_several_names_of_which_none_is_a_vein_that_is_known_are_refused(tmp_path, names):
    with pytest.raises(MaskError, match=rf"{names[0]}.*name it"):
        read_segments(slicer(tmp_path / "m.seg.nrrd", *names), GRID)


def test_a_vein_that_is_not_known_among_known_ones_is_refused(tmp_path):
    path = slicer(tmp_path / "m.seg.nrrd", "left popliteal vein", "iliac vein")
    with pytest.raises(MaskError, match="'iliac vein', which is not a vein that is known"):
        read_segments(path, GRID)
    other = slicer(tmp_path / "o.seg.nrrd", "left popliteal vein", "bladder")
    assert read_segments(other, GRID).remarks == (
        "o.seg.nrrd marks other things too, left out: 'bladder'",
    )


def test_veins_beside_thrombi_are_no_other_things(tmp_path):
    for vein in ("left popliteal vein", "veins"):
        path = slicer(tmp_path / "m.seg.nrrd", vein, "clot")
        assert read_thrombi(path, GRID).remarks == ()
    other = read_thrombi(slicer(tmp_path / "m.seg.nrrd", "bladder", "clot"), GRID)
    assert other.remarks == ("m.seg.nrrd marks other things too, left out: 'bladder'",)


def test_without_names_of_veins_the_numbers_count(tmp_path):
    labels = read_segments(slicer(tmp_path / "m.seg.nrrd", "Segment_1", "Segment_2"), GRID)
    np.testing.assert_array_equal(labels.volume.array, BLOBS.array)
    assert "its numbers were taken" in labels.remarks[0]
    np.testing.assert_array_equal(
        read_thrombi(tmp_path / "m.seg.nrrd", GRID).volume.array, BLOBS.array
    )
    write_nifti(Volume(BLOBS.array * 16, GRID), tmp_path / "m.nii")
    with pytest.raises(MaskError, match="the labels 16, 32, which are no vein segments"):
        read_segments(tmp_path / "m.nii", GRID)


def test_a_mask_of_all_veins_says_what_it_lacks(tmp_path):
    write_nifti(Volume((BLOBS.array > 0).astype(np.uint8) * 255, GRID), tmp_path / "m.nii")
    labels = read_segments(tmp_path / "m.nii", GRID)
    np.testing.assert_array_equal(labels.volume.array, BLOBS.array > 0)
    assert [remark.split()[1] for remark in labels.remarks] == ["marks", "marks"]


@pytest.mark.parametrize(("value", "told"), [(73, "73"), (2, "2, 4")])
def test_numbers_that_do_not_count_thrombi_are_told(tmp_path, value, told):
    marks = BLOBS.array * np.uint8(value) if value == 2 else (BLOBS.array > 0).astype(np.uint8) * 73
    write_nifti(Volume(marks, GRID), tmp_path / "m.nii")
    (remark,) = read_thrombi(tmp_path / "m.nii", GRID).remarks
    assert remark.startswith(f"m.nii marks with {told}, each taken as the number of one thrombus")
    write_nifti(BLOBS, tmp_path / "n.nii")
    assert read_thrombi(tmp_path / "n.nii", GRID).remarks == ()
