import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from deepvein.inference.regions import RegionSettings, regions
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.volume import Volume


def covered(found, shape):
    mask = np.zeros(shape, dtype=bool)
    for region in found:
        rows = slice(max(region.rows[0], 0), max(region.rows[1], 0))
        columns = slice(max(region.columns[0], 0), max(region.columns[1], 0))
        mask[slice(*region.slices), rows, columns] = True
    return mask


def test_no_territory_gives_no_region():
    coarse = Grid.from_directions((10, 10, 10), (5.0, 5.0, 5.0))
    assert regions(Volume(np.zeros(coarse.shape, np.uint8), coarse), coarse) == ()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), coronal=st.booleans(), longest=st.sampled_from([48, 320]))
def test_every_voxel_of_a_territory_is_covered(seed, coronal, longest):
    rng = np.random.default_rng(seed)
    coarse = Grid.from_directions((12, 12, 12), (5.0, 5.0, 5.0))
    array = np.zeros(coarse.shape, np.uint8)
    for _ in range(3):
        z, y, x = rng.integers(0, 10, 3)
        array[z : z + 3, y : y + 2, x : x + 2] = rng.integers(1, 14)
    spacing = (1.5, 0.8, 0.8)
    shape = (40, 75, 75)
    if coronal:
        grid = Grid.from_directions(shape, spacing, (-2.5, -2.5, 57.5), CORONAL)
    else:
        grid = Grid.from_directions(shape, spacing, (-2.5, -2.5, -2.5))
    wanted = RegionSettings(longest=longest, overlap=16)
    found = regions(Volume(array, coarse), grid, wanted)
    index = np.rint(coarse.to_index(grid.to_world(np.argwhere(np.ones(shape))))).astype(int)
    inside = ((index >= 0) & (index < 12)).all(axis=1)
    marked = np.zeros(len(index), dtype=bool)
    marked[inside] = array[tuple(index[inside].T)] > 0
    assert not (marked.reshape(shape) & ~covered(found, shape)).any()
    for region in found:
        assert all(n % wanted.multiple == 0 and n <= longest for n in region.size)


def test_two_legs_are_two_boxes_and_not_the_air_between_them():
    coarse = Grid.from_directions((4, 20, 80), (5.0, 5.0, 5.0))
    array = np.zeros(coarse.shape, np.uint8)
    array[:, 8:12, 10:14] = array[:, 8:12, 66:70] = 7
    grid = Grid.from_directions((8, 100, 400), (2.5, 1.0, 1.0), (-2.0, -2.0, -2.0))
    found = regions(Volume(array, coarse), grid)
    assert len(found) == 2
    assert covered(found, grid.shape).mean() < 0.2
