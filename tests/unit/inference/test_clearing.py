import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepvein.inference.clearing import clear_outside
from deepvein.volumes.grid import AXIAL, CORONAL, Grid
from deepvein.volumes.volume import Volume

COARSE = Grid.from_directions((8, 8, 8), (8.0, 8.0, 8.0))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    directions=st.sampled_from([AXIAL, CORONAL, AXIAL * [-1.0, 1.0, -1.0]]),
    margin=st.sampled_from([0.0, 8.0, 12.0]),
)
def test_what_is_kept_lies_near_a_named_voxel(seed, directions, margin):
    rng = np.random.default_rng(seed)
    territories = np.zeros(COARSE.shape, np.uint8)
    named = rng.integers(0, 8, (3, 3))
    territories[tuple(named.T)] = 7
    grid = Grid.from_directions((12, 14, 16), (4.0, 3.0, 3.0), (30.0, 28.0, 27.0), directions)
    array = np.full(grid.shape, 200, np.uint8)
    clear_outside(Volume(territories, COARSE), grid, [array], margin)
    voxels = np.argwhere(np.ones(grid.shape, bool))
    index = COARSE.to_index(grid.to_world(voxels))
    # Halfway between two coarse voxels either may be the nearest.
    decided = (np.abs(index - np.floor(index) - 0.5) > 1e-3).all(axis=1)
    nearest = np.rint(index).clip(0, 7)
    distance = np.linalg.norm((nearest[:, None] - named[None]) * 8.0, axis=2).min(axis=1)
    wanted = np.where(distance <= margin, 200, 0)
    np.testing.assert_array_equal(array[tuple(voxels.T)][decided], wanted[decided])


def test_all_arrays_are_cleared_in_place_and_views_too():
    territories = np.zeros(COARSE.shape, np.uint8)
    territories[4, 4, 4] = 1
    grid = Grid.from_directions((64, 64, 64), (1.0, 1.0, 1.0))
    veins, thrombus = np.full(grid.shape, 9, np.uint8), np.full(grid.shape, 8, np.uint8)
    view = np.swapaxes(np.swapaxes(thrombus, 0, 2), 0, 2)
    clear_outside(Volume(territories, COARSE), grid, [veins, view], 0.0)
    # Ends lie halfway between coarse voxels, where either may be the nearest.
    assert veins[29:36, 29:36, 29:36].min() == 9
    assert thrombus[29:36, 29:36, 29:36].min() == 8
    assert max(np.count_nonzero(veins), np.count_nonzero(thrombus)) <= 9**3


@pytest.mark.parametrize("value", [0, 5])
def test_no_territory_clears_all_and_territories_everywhere_clear_nothing(value):
    territories = np.full(COARSE.shape, value, np.uint8)
    grid = Grid.from_directions((5, 70, 70), (3.0, 1.0, 1.0), (-3.0, -3.0, -3.0))
    array = np.full(grid.shape, 255, np.uint8)
    clear_outside(Volume(territories, COARSE), grid, [array])
    assert (array == (255 if value else 0)).all()
