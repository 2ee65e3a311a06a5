import numpy as np
import pytest

from deepvein.core.errors import MaskError
from deepvein.studies.masks.labels import Region, combine, whole_labels
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

SHAPE = (3, 8, 9)
BLOCK = (slice(1, 3), slice(2, 6), slice(3, 7))


def block(value, kind):
    array = np.zeros(SHAPE, kind)
    array[BLOCK] = value
    return array


@pytest.mark.parametrize("kind", ["uint8", "int16", "uint16", "float32", "float64", ">i4"])
def test_whole_numbers_stay_in_any_type(tmp_path, kind):
    labels, remarks = whole_labels(block(7, kind), tmp_path)
    assert labels.dtype == np.uint8
    np.testing.assert_array_equal(labels, block(7, "uint8"))
    assert remarks == ()


@pytest.mark.parametrize(
    ("full", "kind"),
    [(100, "uint8"), (255, "uint8"), (255, "float32"), (65535, "uint16"), (254.9999, "float64")],
)
def test_full_scale_is_one(tmp_path, full, kind):
    labels, remarks = whole_labels(block(full, kind), tmp_path)
    np.testing.assert_array_equal(labels, block(1, "uint8"))
    assert "read as 1" in remarks[0]


def test_a_label_of_255_among_others_is_a_label(tmp_path):
    array = block(255, "uint8")
    array[0, 0, :4] = 3
    labels, remarks = whole_labels(array, tmp_path)
    np.testing.assert_array_equal(labels, array)
    assert remarks == ()


def test_rounding_of_scaled_labels_is_forgiven(tmp_path):
    labels, remarks = whole_labels(block(1.9999, "float32"), tmp_path)
    np.testing.assert_array_equal(labels, block(2, "uint8"))
    assert remarks == ()


def test_a_soft_mask_is_marked_from_one_half(tmp_path):
    array = block(0.5, "float32")
    array[0] = 0.49
    labels, remarks = whole_labels(array, tmp_path / "soft.nii")
    np.testing.assert_array_equal(labels, block(1, "uint8"))
    assert "soft.nii is a soft mask; its 32 voxels" in remarks[0]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (np.nan, "from nan"),
        (np.inf, "to inf"),
        (-1.0, "from -1"),
        (1e6, "1000000"),
        (300.0, "up to 300"),
        (2.5, "fractional values up to 2.5"),
        (0.3, "nowhere reach 0.5"),
    ],
)
def test_other_values_are_refused_with_the_value(tmp_path, value, says):
    with pytest.raises(MaskError, match=says):
        whole_labels(block(value, "float64"), tmp_path)


def test_grey_values_are_no_labels(tmp_path):
    rows, columns = np.mgrid[:8, :9]
    probabilities = np.stack([(3 * rows + 5 * columns + k).astype(np.uint8) for k in range(3)])
    with pytest.raises(MaskError, match="grey values or probabilities"):
        whole_labels(probabilities, tmp_path)
    stripes = np.stack([(columns // 3 + 1).astype(np.uint8)] * 3)
    np.testing.assert_array_equal(whole_labels(stripes, tmp_path)[0], stripes)


@pytest.mark.parametrize("full", [100, 255])
@pytest.mark.parametrize("levels", [4, 10])
def test_grades_around_a_plateau_are_no_labels(tmp_path, full, levels):
    rows, columns = np.mgrid[:40, :40]
    distance = np.hypot(rows - 20, columns - 20)
    grade = np.rint(np.clip((14 - distance) / 4, 0, 1) * levels) / levels
    soft = np.stack([(grade * full).astype(np.uint8)] * 3)
    assert np.count_nonzero(soft == full) > np.count_nonzero(soft) / 3
    with pytest.raises(MaskError, match="grey values or probabilities"):
        whole_labels(soft, tmp_path)


def test_labels_side_by_side_stay(tmp_path):
    _, columns = np.mgrid[:40, :40]
    stripes = np.stack([np.where(columns < 24, columns // 2 + 1, 0).astype(np.uint8)] * 3)
    stripes[0, :30] = 3
    np.testing.assert_array_equal(whole_labels(stripes, tmp_path)[0], stripes)


def test_regions_keep_their_numbers(tmp_path):
    grid = Grid.from_directions(SHAPE, (1.0, 1.0, 1.0))
    a, b = block(0, "uint8"), block(1, "uint8")
    a[0, 0, 0] = 1
    named = [(Region(9, "a"), Volume(a, grid)), (Region(4, "b"), Volume(b, grid))]
    labels = combine(named, grid, tmp_path)
    assert labels.names == {9: "a", 4: "b"}
    np.testing.assert_array_equal(labels.volume.array, a * 9 + b * 4)
    with pytest.raises(MaskError, match="numbers far 300"):
        combine([(Region(300, "far"), Volume(a, grid))], grid, tmp_path)


def test_regions_of_one_name_may_overlap_and_others_may_not(tmp_path):
    grid = Grid.from_directions(SHAPE, (1.0, 1.0, 1.0))
    a, b = block(0, "uint8"), block(1, "uint8")
    a[0, :2, :2], b[0, 1:3, 1:3] = 1, 1
    named = [(Region(1, "clot"), Volume(a, grid)), (Region(2, "clot"), Volume(b, grid))]
    labels = combine(named, grid, tmp_path)
    np.testing.assert_array_equal(labels.volume.array > 0, (a | b) > 0)
    assert labels.names == {1: "clot", 2: "clot"}
    assert "clot is there more than once" in labels.remarks[0]
    named[1] = (Region(2, "vein"), named[1][1])
    with pytest.raises(MaskError, match="clot and vein of .* overlap"):
        combine(named, grid, tmp_path)


def test_values_up_to_100_that_skip_numbers_are_percent(tmp_path):
    array = block(100, "uint8")
    array[0, 0, :3] = (25, 50, 75)
    with pytest.raises(MaskError, match="the value 100 and below it 25, 50, 75"):
        whole_labels(array, tmp_path)
    np.testing.assert_array_equal(whole_labels(array, tmp_path, (25, 50, 75, 100))[0], array)
    counted = np.zeros((1, 10, 20), np.int16)
    counted[0, :, ::2] = np.arange(1, 101).reshape(10, 10)
    assert whole_labels(counted, tmp_path)[0].max() == 100
