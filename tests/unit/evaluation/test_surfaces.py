import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deepvein.evaluation.surfaces import surface, surface_distances
from deepvein.volumes.grid import Grid

masks = hnp.arrays(bool, (4, 5, 6)).filter(np.any)


def grid(shape: tuple[int, int, int], spacing=(3.0, 1.0, 0.5)) -> Grid:
    return Grid.from_directions(shape, spacing)


def test_two_voxels_have_the_distance_between_them():
    one, other = np.zeros((5, 5, 5), bool), np.zeros((5, 5, 5), bool)
    one[0, 0, 0] = other[1, 4, 0] = True
    result = surface_distances(one, other, grid((5, 5, 5)))
    assert result.hd95_mm == pytest.approx(5.0)
    assert result.assd_mm == pytest.approx(5.0)


def test_a_shifted_plate_is_its_shift_away():
    one, other = np.zeros((9, 9, 9), bool), np.zeros((9, 9, 9), bool)
    one[2], other[4] = True, True
    result = surface_distances(one, other, grid((9, 9, 9)))
    assert result.hd95_mm == result.assd_mm == pytest.approx(6.0)


def test_one_far_voxel_in_a_hundred_hardly_counts():
    plate = np.zeros((5, 10, 20), bool)
    plate[0] = True
    spotted = plate.copy()
    spotted[4, 0, 0] = True
    result = surface_distances(spotted, plate, grid(plate.shape, (1.0, 1.0, 1.0)))
    assert result.hd95_mm == 0
    assert result.assd_mm == pytest.approx(4 / 401)


def test_the_rule_for_empty_masks():
    empty, full = np.zeros((2, 2, 2), bool), np.ones((2, 2, 2), bool)
    both = surface_distances(empty, empty, grid((2, 2, 2)))
    assert (both.hd95_mm, both.assd_mm) == (0, 0)
    assert math.isnan(surface_distances(empty, full, grid((2, 2, 2))).hd95_mm)
    assert math.isnan(surface_distances(full, empty, grid((2, 2, 2))).assd_mm)


@given(hnp.arrays(bool, (4, 5, 6)))
def test_surface_is_the_mask_without_its_erosion(mask: np.ndarray):
    from scipy import ndimage

    expected = mask & ~ndimage.binary_erosion(mask)
    assert (surface(mask) == np.argwhere(expected)).all()


@settings(max_examples=30)
@given(masks, masks)
def test_agrees_with_distance_maps(prediction: np.ndarray, reference: np.ndarray):
    """A second way to the same numbers: exact Euclidean distance maps of the two surfaces."""
    from scipy import ndimage

    spacing = (3.0, 1.0, 0.5)
    edges = [m & ~ndimage.binary_erosion(m) for m in (prediction, reference)]
    maps = [ndimage.distance_transform_edt(~edge, sampling=spacing) for edge in edges]
    there, back = maps[1][edges[0]], maps[0][edges[1]]
    result = surface_distances(prediction, reference, grid(prediction.shape, spacing))
    assert result.hd95_mm == pytest.approx(max(np.percentile(there, 95), np.percentile(back, 95)))
    assert result.assd_mm == pytest.approx(np.concatenate([there, back]).mean())


@settings(max_examples=10)
@given(st.integers(0, 1000))
def test_the_largest_distance_agrees_with_simpleitk(seed: int):
    import SimpleITK as sitk

    rng = np.random.default_rng(seed)
    shapes = [rng.random((6, 7, 8)) > 0.97 for _ in range(2)]
    if not all(shape.any() for shape in shapes):
        return
    images = [sitk.GetImageFromArray(shape.astype(np.uint8)) for shape in shapes]
    for image in images:
        image.SetSpacing((0.5, 1.0, 3.0))
    theirs = sitk.HausdorffDistanceImageFilter()
    theirs.Execute(*images)
    result = surface_distances(*shapes, grid(shapes[0].shape))
    # Sparse voxels are all surface, so that the full Hausdorff distance bounds the 95th percentile.
    assert result.hd95_mm <= theirs.GetHausdorffDistance() + 1e-5
