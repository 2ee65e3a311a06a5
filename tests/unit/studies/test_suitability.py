from dataclasses import replace

import numpy as np
import pytest

from deepvein.studies.nifti import write_nifti
from deepvein.studies.reading import read_study
from deepvein.studies.study import Modality
from deepvein.studies.suitability import coverage_mm, problems
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume
from unit.studies import anatomy, making


def study(folder, plane, **values):
    made = anatomy.volume(plane)
    values = {"ContrastBolusAgent": "I", "SeriesDescription": "legs"} | values
    return read_study(making.series(folder, made.grid, made.array, **values))


def codes(found):
    return [(one.code, one.blocking) for one in found]


def test_opacified_legs_have_no_problem(tmp_path):
    found = study(tmp_path, anatomy.legs())
    assert problems(found) == ()
    assert coverage_mm(found) == pytest.approx(240)


def test_ct_that_is_called_mr_is_told_by_its_air(tmp_path):
    found = replace(study(tmp_path, anatomy.legs()), modality=Modality.MR)
    assert ("hounsfield-in-mr", True) in codes(problems(found))
    dark = replace(found, volume=Volume(np.abs(found.volume.array), found.volume.grid))
    assert ("hounsfield-in-mr", True) not in codes(problems(dark))


@pytest.mark.parametrize(("columns", "blocking"), [(1, False), (12, True)])
def test_values_that_no_scanner_measures_are_told(tmp_path, columns, blocking):
    made = anatomy.volume(anatomy.legs())
    files = making.datasets(made.grid, made.array, ContrastBolusAgent="I", SeriesDescription="legs")
    for one in files:  # padding of -2000, stored as if there were no sign, that no header names
        stored = np.frombuffer(one.PixelData, np.uint16).reshape(one.Rows, one.Columns).copy()
        stored[:20, :columns] = 63536
        making.fill(one, stored)
    found = read_study(making.save_all(files, tmp_path))
    assert ("beyond-hounsfield", blocking) in codes(problems(found))


@pytest.mark.parametrize(
    ("plane", "values", "expected"),
    [
        (anatomy.chest(), {}, ("wrong-body-part", True)),
        (anatomy.head(), {}, ("wrong-body-part", True)),
        (np.full(anatomy.SHAPE[1:], -1000.0), {}, ("no-body", True)),
        (anatomy.trunk(), {"SeriesDescription": "thorax venous"}, ("wrong-body-part", True)),
        (anatomy.legs(), {"SeriesDescription": "legs arterial"}, ("arterial-phase", True)),
        (anatomy.legs(45), {}, ("no-opacification", False)),
        (anatomy.legs(45), {"ContrastBolusAgent": ""}, ("no-opacification", False)),
    ],
)
def test_what_stands_against_screening(tmp_path, plane, values, expected):
    assert expected in codes(problems(study(tmp_path, plane, **values)))


def test_legs_that_are_called_something_else_are_still_legs(tmp_path):
    assert problems(study(tmp_path, anatomy.legs(), BodyPartExamined="ABDOMEN")) == ()


@pytest.mark.parametrize(
    ("scale", "shift"), [(1 / 500, 1.0), (1 / 4000, 0.25), (1 / 16, 0.0), (1, 1024)]
)
def test_values_that_are_no_hounsfield_units_are_told_by_their_reach(tmp_path, scale, shift):
    made = anatomy.volume(anatomy.legs())
    write_nifti(
        Volume((made.array * scale + shift).astype(np.float32), made.grid), tmp_path / "a.nii"
    )
    found = problems(read_study(tmp_path / "a.nii", Modality.CT))
    assert ("not-hounsfield", True) in codes(found)


def test_values_whose_intercept_was_lost_are_told_whatever_the_padding_is(tmp_path):
    made = anatomy.volume(anatomy.legs())
    array = made.array + 1024
    array[:, :6] = -2000
    write_nifti(Volume(array, made.grid), tmp_path / "a.nii")
    (told, *_) = problems(read_study(tmp_path / "a.nii", Modality.CT))
    assert (told.code, told.blocking) == ("not-hounsfield", True)
    assert "intercept of -1024" in told.text


@pytest.mark.parametrize(("low", "high"), [(-110, 190), (-160, 240), (-200, 1000)])
def test_values_that_a_window_cut_off_are_told(tmp_path, low, high):
    made = anatomy.volume(anatomy.legs())
    write_nifti(Volume(made.array.clip(low, high), made.grid), tmp_path / "a.nii")
    (told, *_) = problems(read_study(tmp_path / "a.nii", Modality.CT))
    assert (told.code, told.blocking) == ("windowed", True)
    assert f"of its values are {low}" in told.text


@pytest.mark.parametrize("value", [0, -50])
def test_a_background_that_was_overwritten_is_told(tmp_path, value):
    made = anatomy.volume(anatomy.legs())
    array = np.where(made.array < -900, value, made.array)
    write_nifti(Volume(array, made.grid), tmp_path / "a.nii")
    (told, *_) = problems(read_study(tmp_path / "a.nii", Modality.CT))
    assert (told.code, told.blocking) == ("background-overwritten", True)
    assert f"of its values are {value}" in told.text


def test_a_leg_that_fills_the_image_was_not_cut_off_by_a_window(tmp_path):
    made = anatomy.volume(anatomy.legs())
    grid = made.grid.crop((0, 38, 23), (40, 75, 60))
    inside = Volume(made.array[:, 38:75, 23:60], grid)
    assert inside.array.min() > -300
    write_nifti(inside, tmp_path / "a.nii")
    told = {one.code for one in problems(read_study(tmp_path / "a.nii", Modality.CT))}
    assert not told & {"windowed", "background-overwritten"}


@pytest.mark.parametrize("name", ["plain", "art_lover", "head_office", "native_legs"])
def test_a_files_name_stops_nothing(tmp_path, name):
    made = anatomy.volume(anatomy.trunk() if name == "head_office" else anatomy.legs())
    write_nifti(made, tmp_path / f"{name}.nii")
    found = problems(read_study(tmp_path / f"{name}.nii", Modality.CT))
    assert [one.blocking for one in found if "file's name" in one.text] == [False]


def test_a_rescale_that_was_applied_twice_is_thought_of(tmp_path):
    made = anatomy.volume(anatomy.legs())
    found = study(tmp_path, anatomy.legs())
    low = replace(found, volume=Volume(np.maximum(made.array - 1024, -1024), found.volume.grid))
    told = {one.code: one.text for one in problems(low)}
    assert "applied twice" in told["no-body"]


def test_too_few_slices_and_the_wrong_plane(tmp_path):
    whole = study(tmp_path, anatomy.legs())
    few = whole.volume.grid.crop((0, 0, 0), (5, 120, 150))
    short = replace(whole, volume=Volume(whole.volume.array[:5], few))
    assert codes(problems(short))[:2] == [("too-few-slices", True), ("too-little-coverage", True)]


@pytest.mark.parametrize(("kept", "blocking"), [(1, False), (2, True)])
def test_another_plane_is_read_where_its_slices_are_thin_enough(tmp_path, kept, blocking):
    """Rows of 3 mm become slices 3 mm apart, every second of them slices 6 mm apart."""
    whole = study(tmp_path, anatomy.legs())
    turned = anatomy.coronal(whole.volume)
    affine = turned.grid.affine @ np.diag([kept, 1, 1, 1])
    array = turned.array[::kept]
    found = replace(whole, volume=Volume(array, Grid(array.shape, affine)))
    told = {one.code: one for one in problems(found)}["other-plane"]
    assert told.blocking is blocking
    assert "coronal" in told.text
    assert f"{3.0 * kept:.1f} mm" in told.text


@pytest.mark.parametrize(("spacing", "blocking"), [(5.0, False), (7.0, True)])
def test_axial_slices_of_mr_may_lie_further_apart(tmp_path, spacing, blocking):
    grid = Grid.from_directions((40, 20, 20), (spacing, 2.0, 2.0))
    made = making.series(tmp_path, grid, np.full(grid.shape, 500, np.int16), modality="MR")
    told = {one.code: one for one in problems(read_study(made))}["other-plane"]
    assert told.blocking is blocking
    assert told.text.startswith(f"the slices are axial and {spacing:.1f} mm apart; MR is read in")


def test_blocking_problems_come_first(tmp_path):
    whole = study(tmp_path, anatomy.legs(45), SeriesDescription="legs arterial")
    found = [one.blocking for one in problems(whole)]
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize(("most", "told"), [(255, True), (256, False), (200, True)])
def test_mr_of_eight_bits_is_remarked_on(tmp_path, most, told):
    made = anatomy.coronal(anatomy.volume(anatomy.legs(table=False)))
    signal = (made.array + 1024) // 4
    signal[0, 0, 0] = 300
    making.series(tmp_path, made.grid, signal.clip(0, most), "MR")
    found = [one for one in problems(read_study(tmp_path)) if one.code == "8-bit"]
    assert [one.blocking for one in found] == [False] * told
    for one in found:
        assert "8-bit pictures for a display" in one.text
        assert "send the original images" in one.text


def test_mr_whose_signal_is_dim_is_no_picture_of_eight_bits(tmp_path):
    made = anatomy.coronal(anatomy.volume(anatomy.legs(table=False)))
    signal = (made.array + 1024) // 10
    signal[0, 0, 0] = 231
    making.series(tmp_path, made.grid, signal.clip(0, 231), "MR")
    assert "8-bit" not in {one.code for one in problems(read_study(tmp_path))}
