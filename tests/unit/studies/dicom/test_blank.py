import numpy as np
import pytest

from deepvein.core.errors import StudyError
from deepvein.studies.reading import read_study
from unit.studies import anatomy, making


def scan(folder, change=None, plane=None, noise=10.0, **values):
    """CT of legs, whose stored values `change` may overwrite; a stored 0 is -1024 HU."""
    made = anatomy.volume(anatomy.legs() if plane is None else plane, noise)
    many = making.datasets(made.grid, made.array, **values)
    for index, one in enumerate(many):
        if change:
            stored = np.frombuffer(one.PixelData, "<u2").copy()
            change(index, stored)
            one.PixelData = stored.tobytes()
    return making.save_all(many, folder)


def from_the_middle_on(index, stored):
    if index >= 20:
        stored[len(stored) // 2 + 70 :] = 0


def test_slices_that_a_copy_left_unfilled_at_their_end_are_refused(tmp_path):
    scan(tmp_path, from_the_middle_on)
    with pytest.raises(
        StudyError, match=r"s020\.dcm is blank from row 62 of 120 on.*copy it again"
    ):
        read_study(tmp_path)


@pytest.mark.parametrize("modality", ["CT", "MR"])
def test_a_slice_that_is_blank_between_others_is_refused(tmp_path, modality):
    grid = making.grid_of()
    array = making.ramp(grid.shape, 0)
    array[2] = 0
    making.series(tmp_path, grid, array, modality)
    with pytest.raises(StudyError, match=r"s002\.dcm is blank \(each of its pixels is 0\)"):
        read_study(tmp_path)


def test_sagittal_slices_between_the_legs_may_show_air_alone(tmp_path):
    # Slices run to the left, columns to the back, rows to the feet.
    grid = making.grid_of(directions=((1, 0, 0), (0, 0, 1), (0, -1, 0)))
    array = making.ramp(grid.shape, 0)
    array[2] = 0
    making.series(tmp_path, grid, array, "CT")
    assert read_study(tmp_path).volume.array.shape == grid.shape


def test_blank_slices_at_the_ends_are_read(tmp_path):
    grid = making.grid_of()
    array = making.ramp(grid.shape, 0)
    array[[0, 1, 4]] = 0
    making.series(tmp_path, grid, array, "MR")
    np.testing.assert_array_equal(read_study(tmp_path).volume.array, array)


def test_bodies_that_a_mask_cut_out_and_blank_margins_are_read(tmp_path):
    def margin(index, stored):
        stored[110 * 150 :] = 0
        stored[stored < 300] = 0
        if index % 2:
            stored[75 * 150 :] = 0

    scan(tmp_path, margin)
    assert read_study(tmp_path).volume.array.min() == -1024


def test_slices_whose_upper_part_is_missing_are_refused(tmp_path):
    def down_to_the_middle(index, stored):
        if index >= 20:
            stored[: len(stored) // 2] = 0

    scan(tmp_path, down_to_the_middle)
    with pytest.raises(StudyError, match=r"s020\.dcm is blank up to row 60 of 120, slices beside"):
        read_study(tmp_path)


def test_a_part_that_is_filled_with_another_value_than_air_is_blank_too(tmp_path):
    def zeros_that_are_water(index, stored):
        if index == 20:
            stored[len(stored) // 2 :] = 1024

    scan(tmp_path, zeros_that_are_water)
    with pytest.raises(StudyError, match=r"s020\.dcm is blank from row 61 of 120 on"):
        read_study(tmp_path)


def mr_scan(folder, cut=None, air=True):
    """MR of legs, coronal; `cut` may overwrite the array. Without `air` what lies around the legs is 0."""
    made = anatomy.coronal(anatomy.volume(anatomy.legs(table=False)))
    signal = np.where(made.array > -400, (made.array + 1100) // 2, np.abs(made.array + 1000))
    array = np.repeat(signal, 2, axis=1)
    if not air:
        array[array < 100] = 0
    if cut:
        cut(array)
    grid = making.grid_of(array.shape, (3.0, 3.0, 3.0), directions=making.CORONAL)
    making.series(folder, grid, array.astype(np.int16), "MR")
    return array


@pytest.mark.parametrize("air", [True, False])
@pytest.mark.parametrize(
    ("rows", "told"), [(slice(40, None), "from row 41 of 80 on"), (slice(0, 30), "up to row 30")]
)
def test_mr_slices_of_which_a_part_is_zeros_are_refused(tmp_path, air, rows, told):
    def cut(array):
        array[55:70, rows] = 0

    mr_scan(tmp_path, cut, air)
    with pytest.raises(StudyError, match=rf"s055\.dcm is blank {told}.*not copied whole"):
        read_study(tmp_path)


def test_bodies_that_taper_in_mr_without_air_are_read(tmp_path):
    def ends_of_feet(array):
        depth = np.arange(array.shape[0])[:, None, None] - 57
        ends = 70 - depth**2 // 12
        array[np.arange(array.shape[1])[None, :, None] >= ends + np.zeros(array.shape, int)] = 0

    array = mr_scan(tmp_path, ends_of_feet, air=False)
    study = read_study(tmp_path)
    np.testing.assert_array_equal(study.volume.array, array)
    assert "cut-slices" not in {remark.code for remark in study.remarks}


@pytest.mark.parametrize("modality", ["CT", "MR"])
def test_an_image_that_ends_at_one_row_in_every_slice_is_remarked_on(tmp_path, modality):
    if modality == "CT":

        def middle(index, stored):
            stored[60 * 150 :] = 0

        scan(tmp_path, middle)
    else:

        def cut(array):
            array[:, 60:] = 0

        mr_scan(tmp_path, cut)
    (told,) = [one.text for one in read_study(tmp_path).remarks if one.code == "cut-slices"]
    assert "every slice is blank from row 61 on of" in told


def test_bands_above_and_below_that_made_an_image_square_are_no_loss(tmp_path):
    def square(array):
        array[:, :12] = array[:, 70:] = 0

    mr_scan(tmp_path, square)
    assert "cut-slices" not in {remark.code for remark in read_study(tmp_path).remarks}


def test_slices_that_were_cut_obliquely_out_of_a_volume_are_read(tmp_path):
    def oblique(index, stored):
        stored[(60 + index) * 150 :] = 0
        stored[: (20 - index // 2) * 150] = 0

    scan(tmp_path, oblique)
    assert read_study(tmp_path).volume.array.shape == anatomy.SHAPE


def codes(folder):
    return {remark.code for remark in read_study(folder).remarks}


@pytest.mark.parametrize("air", [True, False])
def test_first_and_last_slices_that_show_some_of_the_stations_put_together_are_remarked_on(
    tmp_path, air
):
    def stations_behind_one_another(array):
        array[:50, 45:] = 0
        array[75:, :35] = 0

    mr_scan(tmp_path, stations_behind_one_another, air)
    (told,) = [one.text for one in read_study(tmp_path).remarks if one.code == "blank-parts"]
    assert "s049.dcm is blank from row 46 of 80 on" in told
    assert "so it is in 1 more" in told


def test_axial_slices_of_stations_with_other_fields_of_view_are_remarked_on(tmp_path):
    made = anatomy.volume(anatomy.legs(table=False))
    array = np.where(made.array > -400, (made.array + 1100) // 2, np.abs(made.array + 1000))
    array[:12, 100:] = array[12:26, :20] = array[12:26, 110:] = array[26:, :10] = 0
    making.series(tmp_path, made.grid, array.astype(np.int16), "MR")
    assert "blank-parts" in codes(tmp_path)


def test_a_single_mr_slice_at_the_end_of_which_a_part_is_zeros_is_refused(tmp_path):
    def cut(array):
        array[-1, 40:] = 0

    mr_scan(tmp_path, cut)
    with pytest.raises(StudyError, match=r"s119\.dcm is blank from row 41 of 80 on"):
        read_study(tmp_path)


def test_a_blank_slice_beside_one_that_shows_next_to_nothing_is_read(tmp_path):
    def thresholded(array):
        array[:8] = 0
        array[3, 40, 70:74] = 30

    array = mr_scan(tmp_path, thresholded, air=False)
    np.testing.assert_array_equal(read_study(tmp_path).volume.array, array)


def test_a_table_that_ends_in_air_without_noise_is_remarked_on(tmp_path):
    def thinner_from_25_on(index, stored):
        stored[stored < 124] = 0
        plane = stored.reshape(120, 150)
        plane[104:108, 5:145] = 870
        plane[108 : 116 if index < 25 else 108, 2:148] = 860

    scan(tmp_path, thinner_from_25_on)
    assert codes(tmp_path) >= {"blank-parts"}


def test_a_table_that_ends_at_one_row_in_air_without_noise_is_no_loss(tmp_path):
    def flat_table(index, stored):
        stored[stored < 124] = 0
        stored.reshape(120, 150)[102:104, 5:145] = 1000 + index % 3
        stored.reshape(120, 150)[2 + index % 3] = 900

    scan(tmp_path, flat_table)
    assert "cut-slices" not in codes(tmp_path)
