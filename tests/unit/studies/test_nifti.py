import gzip
import re

import nibabel
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deepvein.core.errors import GeometryError, StudyError
from deepvein.studies.nifti import holds_labels, read_nifti, read_nifti_grid, write_nifti
from deepvein.volumes.volume import Volume
from unit.studies import making


@pytest.mark.parametrize("directions", making.ORIENTATIONS.values(), ids=making.ORIENTATIONS)
@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_round_trip_on_six_orientations(tmp_path, directions, name):
    grid = making.grid_of(directions=directions)
    volume = Volume(making.ramp(grid.shape), grid)
    write_nifti(volume, tmp_path / name)
    back = read_nifti(tmp_path / name)
    np.testing.assert_array_equal(back.array, volume.array)
    assert back.array.dtype == np.int16
    assert back.grid.matches(grid, 1e-3)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_another_reader_sees_each_voxel_at_the_same_place(tmp_path):
    grid = making.grid_of(directions=making.OBLIQUE)
    write_nifti(Volume(making.ramp(grid.shape), grid), tmp_path / "a.nii")
    image = nibabel.load(tmp_path / "a.nii")
    for slice_, row, column in [(0, 0, 0), (4, 5, 6), (1, 2, 3)]:
        left, back, head = grid.to_world([[slice_, row, column]])[0]
        ras = image.affine @ [column, row, slice_, 1]
        np.testing.assert_allclose(ras[:3], [-left, -back, head], atol=1e-3)
        assert image.dataobj[column, row, slice_] == making.ramp(grid.shape)[slice_, row, column]
    assert image.header["sform_code"] == image.header["qform_code"] == 1


@given(
    array=arrays(
        st.sampled_from([np.uint8, np.int16, np.uint16, np.int32, np.float32]),
        st.tuples(*[st.integers(1, 4)] * 3),
        elements=st.integers(0, 200),
    )
)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_type_and_shape_comes_back(tmp_path, array):
    volume = Volume(array, making.grid_of(array.shape))
    write_nifti(volume, tmp_path / "a.nii")
    back = read_nifti(tmp_path / "a.nii")
    assert back.array.dtype == array.dtype
    np.testing.assert_array_equal(back.array, array)


def test_types_that_nifti_does_not_hold(tmp_path):
    grid = making.grid_of((2, 2, 2))
    for given_, kept in [(bool, np.uint8), (np.float64, np.float32), (np.int64, np.int32)]:
        write_nifti(Volume(np.ones(grid.shape, given_), grid), tmp_path / "a.nii")
        assert read_nifti(tmp_path / "a.nii").array.dtype == kept
    assert not holds_labels(tmp_path / "a.nii")
    write_nifti(Volume(np.ones(grid.shape, np.uint8), grid), tmp_path / "b.nii")
    assert holds_labels(tmp_path / "b.nii")


def test_a_mapped_file_is_not_copied_and_not_writable(tmp_path):
    grid = making.grid_of()
    write_nifti(Volume(making.ramp(grid.shape), grid), tmp_path / "a.nii")
    array = read_nifti(tmp_path / "a.nii", memory_map=True).array
    base = array
    while base.base is not None and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 0
    np.testing.assert_array_equal(array, making.ramp(grid.shape))


def test_scaled_values_and_other_units(tmp_path):
    image = nibabel.Nifti1Image(np.full((2, 3, 4), 10, np.int16), np.diag([0.002, 0.003, 0.004, 1]))
    image.header.set_xyzt_units("meter")
    image.header.set_slope_inter(0.5, -3)
    nibabel.save(image, tmp_path / "a.nii")
    raw = (tmp_path / "a.nii").read_bytes()
    volume = read_nifti(tmp_path / "a.nii", memory_map=True)
    assert volume.grid.spacing_mm == pytest.approx((4, 3, 2))
    stored = nibabel.load(tmp_path / "a.nii")
    np.testing.assert_allclose(volume.array, stored.get_fdata().transpose(2, 1, 0), rtol=1e-6)
    assert raw == (tmp_path / "a.nii").read_bytes()


@pytest.mark.parametrize(
    ("slope", "intercept", "read"),
    [
        (np.nan, np.nan, True),
        (np.nan, 0, True),
        (0, -1024, True),
        (np.nan, -1024, False),
        (np.inf, 0, False),
        (-1, 0, False),
        (1e9, 0, False),
    ],
)
def test_a_scale_that_cannot_be_meant_is_refused(tmp_path, slope, intercept, read):
    grid = making.grid_of()
    path = tmp_path / "a.nii"
    write_nifti(Volume(making.ramp(grid.shape), grid), path)
    raw = bytearray(path.read_bytes())
    raw[112:120] = np.array([slope, intercept], "<f4").tobytes()
    path.write_bytes(raw)
    if read:
        np.testing.assert_array_equal(read_nifti(path).array, making.ramp(grid.shape))
        return
    with pytest.raises(StudyError, match=re.escape(f"by {slope:g} and adds {intercept:g}")):
        read_nifti(path)


def test_an_image_that_does_not_say_where_it_lies_is_refused(tmp_path):
    image = nibabel.Nifti1Image(np.zeros((2, 3, 4), np.int16), None)
    nibabel.save(image, tmp_path / "a.nii")
    with pytest.raises(GeometryError, match="sform and qform codes are 0"):
        read_nifti(tmp_path / "a.nii")


def test_a_sheared_image_is_refused(tmp_path):
    affine = np.eye(4)
    affine[1, 2] = 0.3
    nibabel.save(nibabel.Nifti1Image(np.zeros((2, 3, 4), np.int16), affine), tmp_path / "a.nii")
    with pytest.raises(GeometryError, match=r"a\.nii: .*not perpendicular"):
        read_nifti_grid(tmp_path / "a.nii")


def test_only_the_qform_is_enough(tmp_path):
    image = nibabel.Nifti1Image(np.zeros((2, 3, 4), np.int16), None)
    image.set_qform(np.diag([2.0, 2.0, 2.0, 1.0]), code=1)
    nibabel.save(image, tmp_path / "a.nii")
    assert read_nifti_grid(tmp_path / "a.nii").spacing_mm == pytest.approx((2, 2, 2))


@pytest.mark.parametrize(
    ("qform", "axis"),
    [
        (np.diag([-2.0, 2, 2, 1]), "axis i;"),
        (np.array([[0.0, 2, 0, 0], [2, 0, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1]]), "axis i, j;"),
        (np.array([[2.0, 0, 0, 90], [0, 1.98, -0.28, 5], [0, 0.28, 1.98, 0], [0, 0, 0, 1]]), None),
    ],
)
def test_two_opinions_on_left_and_right_are_refused(tmp_path, qform, axis):
    image = nibabel.Nifti1Image(np.zeros((2, 3, 4), np.int16), np.diag([2.0, 2, 2, 1]))
    image.set_sform(np.diag([2.0, 2, 2, 1]), code=1)
    image.set_qform(qform, code=1)
    nibabel.save(image, tmp_path / "a.nii")
    if axis is None:
        assert read_nifti_grid(tmp_path / "a.nii").spacing_mm == pytest.approx((2, 2, 2))
        return
    with pytest.raises(GeometryError, match=f"sform and qform disagree on {axis}"):
        read_nifti(tmp_path / "a.nii")


def test_two_opinions_on_the_size_of_voxels_are_refused(tmp_path):
    image = nibabel.Nifti1Image(np.zeros((2, 3, 4), np.int16), np.diag([2.0, 2, 2, 1]))
    for size, good in ((2.05, True), (1.0, False)):
        image.set_sform(np.diag([2.0, 2, 2, 1]), code=1)
        image.set_qform(np.diag([size, size, 2, 1]), code=1)
        nibabel.save(image, tmp_path / "a.nii")
        if good:
            assert read_nifti_grid(tmp_path / "a.nii").spacing_mm == pytest.approx((2, 2, 2))
        else:
            with pytest.raises(
                GeometryError, match="2 x 2 x 2 by its sform, 1 x 1 x 2 by its qform"
            ):
                read_nifti(tmp_path / "a.nii")


def test_a_qform_that_is_no_turn_is_refused(tmp_path):
    image = nibabel.Nifti1Image(np.zeros((2, 3, 4), np.int16), np.eye(4))
    image.set_qform(np.eye(4), code=1)
    image.header["quatern_b"] = 3
    nibabel.save(image, tmp_path / "a.nii")
    with pytest.raises(GeometryError, match=r"a\.nii has a damaged qform"):
        read_nifti(tmp_path / "a.nii")


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 4, 5)])
def test_anything_but_one_image_is_refused(tmp_path, shape):
    nibabel.save(nibabel.Nifti1Image(np.zeros(shape, np.int16), np.eye(4)), tmp_path / "a.nii")
    with pytest.raises(StudyError, match="three-dimensional"):
        read_nifti(tmp_path / "a.nii")


def test_damaged_files_are_refused(tmp_path):
    grid = making.grid_of((9, 9, 9))
    for name in ("a.nii", "a.nii.gz"):
        write_nifti(Volume(making.ramp(grid.shape), grid), tmp_path / name)
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-300])
        with pytest.raises(StudyError, match=name):
            read_nifti(tmp_path / name)


def test_nothing_is_written_where_writing_is_refused(tmp_path):
    grid = making.grid_of((2, 2, 2))
    bad = Volume(np.full(grid.shape, np.nan, np.float32), grid)
    with pytest.raises(GeometryError, match="NaN"):
        write_nifti(bad, tmp_path / "a.nii")
    with pytest.raises(StudyError, match="must end in"):
        write_nifti(Volume(np.zeros(grid.shape), grid), tmp_path / "a.mha")
    assert list(tmp_path.iterdir()) == []


def test_what_nibabel_repairs_is_not_printed(tmp_path, capfd):
    grid = making.grid_of()
    write_nifti(Volume(making.ramp(grid.shape), grid), tmp_path / "a.nii")
    raw = bytearray((tmp_path / "a.nii").read_bytes())
    raw[76:80] = np.float32(7).tobytes()  # pixdim[0], which is 1 or -1
    (tmp_path / "a.nii").write_bytes(raw)
    assert read_nifti(tmp_path / "a.nii").grid.matches(grid)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "damage", "told"),
    [
        ("a.nii", lambda raw: raw[:-100], "ends too early, as a file that was not copied whole"),
        ("a.nii", lambda raw: raw[:200], "does not begin with a whole NIfTI header"),
        ("a.nii", lambda raw: b"", "it is empty; copy it again"),
        ("a.nii", gzip.compress, r"compressed by gzip; call it \.nii\.gz"),
        ("a.nii.gz", lambda raw: raw, r"not compressed by gzip; call it \.nii$"),
        ("a.nii.gz", lambda raw: gzip.compress(raw)[:-20], "ends too early"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_in_one_sentence(tmp_path, name, damage, told):
    grid = making.grid_of((20, 60, 70))
    noise = np.random.default_rng(0).integers(-1000, 1000, grid.shape).astype(np.int16)
    write_nifti(Volume(noise, grid), tmp_path / "whole.nii")
    (tmp_path / name).write_bytes(damage((tmp_path / "whole.nii").read_bytes()))
    with pytest.raises(StudyError, match=told) as refused:
        read_nifti(tmp_path / name)
    assert "\n" not in str(refused.value)


def test_a_unit_that_the_standard_does_not_know_says_nothing(tmp_path):
    grid = making.grid_of()
    write_nifti(Volume(making.ramp(grid.shape), grid), tmp_path / "a.nii")
    raw = bytearray((tmp_path / "a.nii").read_bytes())
    raw[123] = 5
    (tmp_path / "a.nii").write_bytes(raw)
    assert read_nifti(tmp_path / "a.nii").grid.matches(grid, 1e-3)
