import itertools

import numpy as np
import pytest

from deepvein.volumes.grid import AXIAL, CORONAL, Grid
from deepvein.volumes.orient import orient
from deepvein.volumes.volume import Volume

SIGNED_AXES = [
    np.eye(3)[:, list(order)] * signs
    for order in itertools.permutations(range(3))
    for signs in itertools.product((-1.0, 1.0), repeat=3)
]


@pytest.mark.parametrize("directions", SIGNED_AXES)
@pytest.mark.parametrize("wanted", [AXIAL, CORONAL])
def test_every_orientation_is_turned_and_every_voxel_stays_where_it_was(directions, wanted):
    grid = Grid.from_directions((2, 3, 4), (3.0, 2.0, 1.0), (10.0, 20.0, 30.0), directions)
    volume = Volume(np.arange(24).reshape(2, 3, 4), grid)
    turned = orient(volume, wanted)
    np.testing.assert_allclose(turned.grid.directions, wanted, atol=1e-12)
    for index in np.ndindex(turned.array.shape):
        back = grid.to_index(turned.grid.to_world([index]))[0]
        assert volume.array[tuple(np.rint(back).astype(int))] == turned.array[index]


def test_writing_into_the_view_writes_into_the_volume():
    volume = Volume(np.zeros((2, 3, 4)), Grid.from_directions((2, 3, 4), (1.0, 1.0, 1.0)))
    orient(volume, CORONAL).array[0, 0, 0] = 7
    assert volume.array.sum() == 7


def test_an_oblique_grid_keeps_its_own_axes():
    angle = np.deg2rad(20)
    turn = np.array(
        [[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]]
    )
    grid = Grid.from_directions((2, 3, 4), (1.0, 1.0, 1.0), directions=turn @ AXIAL)
    volume = Volume(np.zeros((2, 3, 4)), grid)
    assert orient(volume, AXIAL).grid.matches(grid)
