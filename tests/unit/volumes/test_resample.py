import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepvein.core.errors import GeometryError
from deepvein.volumes.grid import AXIAL, CORONAL, Grid
from deepvein.volumes.resample import Interpolation, cover, nearest_values, resample, shrink
from deepvein.volumes.volume import Volume

TURN = np.linalg.qr(np.array([[1.0, 0.2, 0.1], [-0.1, 1.0, 0.3], [0.2, -0.3, 1.0]]))[0]
directions = st.sampled_from([AXIAL, CORONAL, -AXIAL, TURN, AXIAL[:, [1, 0, 2]]])


def centred(shape, spacing, turn) -> Grid:
    """A grid whose centre lies at the origin."""
    middle = (np.array(shape) - 1) / 2 * np.array(spacing)
    return Grid.from_directions(shape, spacing, -turn @ middle, turn)


def ramp(grid: Grid) -> Volume:
    """x + 10 y + 100 z in LPS millimetres: linear interpolation must give it back exactly."""
    points = grid.to_world(np.indices(grid.shape).reshape(3, -1).T)
    return Volume((points @ [1.0, 10.0, 100.0]).reshape(grid.shape).astype(np.float64), grid)


@settings(max_examples=25)
@given(directions, directions)
def test_a_ramp_stays_where_it_is_in_the_patient(one: np.ndarray, other: np.ndarray):
    source = ramp(centred((20, 24, 28), (1.5, 1.2, 1.0), one))
    target = centred((5, 6, 7), (1.1, 1.3, 0.9), other)
    result = resample(source, target)
    np.testing.assert_allclose(result.array, ramp(target).array, atol=1e-3)
    assert result.grid is target


@settings(max_examples=15)
@given(directions, st.sampled_from([np.uint8, np.int16, np.int32, np.float32, np.bool_]))
def test_onto_its_own_grid_nothing_changes(turn: np.ndarray, dtype: type):
    grid = centred((4, 5, 6), (1.5, 0.7, 1.0), turn)
    array = np.random.default_rng(0).integers(0, 2, grid.shape).astype(dtype)
    for how in Interpolation:
        result = resample(Volume(array, grid), grid, how)
        assert result.array.dtype == dtype
        np.testing.assert_allclose(result.array.astype(float), array.astype(float), atol=1e-6)


def test_whole_numbers_are_rounded_not_cut():
    source = Volume(
        np.array([[[0, 10, -10]]], np.int16), Grid.from_directions((1, 1, 3), (1.0,) * 3)
    )
    between = Grid.from_directions((1, 1, 3), (1.0,) * 3, (0.96, 0, 0))
    assert resample(source, between, outside=7).array.tolist() == [[[10, -9, 7]]]


def test_agrees_with_scipy():
    from scipy import ndimage

    rng = np.random.default_rng(1)
    source = Volume(rng.normal(size=(9, 10, 11)), centred((9, 10, 11), (2.0, 1.0, 1.0), AXIAL))
    target = centred((6, 6, 6), (1.3, 0.9, 0.8), TURN)
    places = source.grid.to_index(target.to_world(np.indices(target.shape).reshape(3, -1).T))
    expected = ndimage.map_coordinates(source.array, places.T, order=1).reshape(target.shape)
    np.testing.assert_allclose(resample(source, target).array, expected, atol=1e-6)


def test_labels_keep_their_values():
    array = np.random.default_rng(2).choice([0, 7, 200], (6, 6, 6)).astype(np.uint8)
    source = Volume(array, centred((6, 6, 6), (1.0,) * 3, AXIAL))
    result = resample(source, centred((9, 9, 9), (0.6,) * 3, TURN), Interpolation.NEAREST, 7)
    assert set(np.unique(result.array)) <= {0, 7, 200}


def test_outside_takes_the_value_that_was_asked_for():
    source = Volume(np.ones((2, 2, 2), np.int16), centred((2, 2, 2), (1.0,) * 3, AXIAL))
    result = resample(source, centred((6, 2, 2), (1.0,) * 3, AXIAL), outside=-1000)
    assert result.array[:, 0, 0].tolist() == [-1000, -1000, 1, 1, -1000, -1000]


def test_half_precision_is_refused():
    grid = centred((2, 2, 2), (1.0,) * 3, AXIAL)
    with pytest.raises(GeometryError, match="half-precision"):
        resample(Volume(np.zeros((2, 2, 2), np.float16), grid), grid)


@given(directions, st.floats(0.5, 9))
def test_cover_reaches_every_corner_with_less_than_a_voxel_to_spare(turn, spacing_mm: float):
    grid = centred((7, 11, 13), (3.0, 1.5, 1.0), turn)
    coarse = cover(grid, spacing_mm)
    assert coarse.spacing_mm == pytest.approx((spacing_mm,) * 3)
    assert (coarse.directions == AXIAL).all()
    low, high = grid.corners_mm.min(axis=0), grid.corners_mm.max(axis=0)
    ours = coarse.corners_mm
    assert (ours.min(axis=0) <= low + 1e-4 * spacing_mm).all()
    assert (ours.max(axis=0) >= high - 1e-4 * spacing_mm).all()
    assert (ours.max(axis=0) - ours.min(axis=0) - (high - low) < spacing_mm + 1e-6).all()


@settings(max_examples=15)
@given(directions.filter(lambda turn: turn is not TURN), st.sampled_from([2.0, 4.0, 6.0]))
def test_shrinking_keeps_a_ramp_and_turns_it_upright(turn: np.ndarray, spacing_mm: float):
    source = ramp(centred((24, 24, 24), (1.0, 1.0, 1.0), turn))
    small = shrink(source, spacing_mm)
    assert small.array.dtype == np.float32
    assert (small.grid.directions == AXIAL).all()
    inner = (slice(1, -1),) * 3
    np.testing.assert_allclose(
        small.array[inner], ramp(small.grid).array[inner], rtol=1e-4, atol=0.1
    )


def test_shrinking_averages_noise_away():
    rng = np.random.default_rng(3)
    grid = Grid.from_directions((40, 40, 40), (1.0,) * 3)
    small = shrink(Volume(rng.normal(50, 20, grid.shape).astype(np.int16), grid), 4.0)
    assert small.array.shape == (10, 10, 10)
    # 64 voxels a block: 20 / 8.
    assert small.array.std() == pytest.approx(2.5, rel=0.1)
    assert small.array.mean() == pytest.approx(49.5, abs=0.3)


def test_shrinking_a_coarse_volume_interpolates():
    grid = Grid.from_directions((3, 3, 3), (10.0,) * 3)
    small = shrink(ramp(grid), 5.0)
    assert small.array.shape == (6, 6, 6)
    np.testing.assert_allclose(
        small.array[1:5, 1:5, 1:5], ramp(small.grid).array[1:5, 1:5, 1:5], atol=0.1
    )


def test_shrinking_misses_less_than_one_coarse_voxel_at_the_far_end():
    grid = Grid.from_directions((23, 23, 23), (1.0,) * 3)
    small = shrink(Volume(np.ones(grid.shape, np.int16), grid), 5.0)
    assert (small.array == 1).all()
    missed = grid.corners_mm.max(axis=0) - small.grid.corners_mm.max(axis=0)
    assert (missed < 5).all()


def test_nearest_values_reach_one_voxel_beyond_the_edge():
    volume = Volume(np.array([[[3, 5]]], np.uint8), Grid.from_directions((1, 1, 2), (10.0,) * 3))
    points = np.array([(-4.9, 0, 0), (5.1, 0, 0), (14.9, 0, 0), (24.9, 0, 0), (25.1, 0, 0)])
    assert nearest_values(volume, points).tolist() == [3, 5, 5, 5, 0]
    assert nearest_values(volume, points, beyond=0).tolist() == [3, 5, 5, 0, 0]
    assert nearest_values(volume, points).dtype == np.uint8
    assert nearest_values(volume, np.zeros((0, 3))).shape == (0,)
