import numpy as np
import pytest

from deepvein.inference.profile import EVIDENCE_MM2, profile, slice_evidence
from deepvein.volumes.grid import AXIAL, CORONAL, Grid
from deepvein.volumes.volume import Volume


@pytest.mark.parametrize("directions", [AXIAL, CORONAL, AXIAL * [-1.0, 1.0, 1.0]])
def test_evidence_stands_where_the_thrombus_is(directions):
    grid = Grid.from_directions((30, 30, 30), (1.0, 1.0, 1.0), (0.0, 0.0, 50.0), directions)
    array = np.zeros(grid.shape, np.uint8)
    array[10:15, 10:15, 10:15] = 255
    z = grid.to_world(np.argwhere(array))[:, 2]
    positions, evidence = slice_evidence(Volume(array, grid))
    assert (np.diff(positions) > 0).all()
    inside = (positions >= z.min()) & (positions <= z.max())
    np.testing.assert_allclose(evidence[inside], 1.0)
    np.testing.assert_allclose(evidence[~inside], 0.0)


def test_evidence_is_the_mean_over_a_vein_sized_area():
    grid = Grid.from_directions((1, 20, 20), (1.0, 1.0, 1.0))
    array = np.zeros(grid.shape, np.uint8)
    array[0, 0, :3] = 255
    _, evidence = slice_evidence(Volume(array, grid))
    assert evidence[0] == pytest.approx(3 / EVIDENCE_MM2)


def test_an_empty_prediction_has_an_empty_profile_of_its_own_length():
    grid = Grid.from_directions((7, 4, 4), (3.0, 1.0, 1.0))
    flat = profile(Volume(np.zeros(grid.shape, np.uint8), grid))
    assert flat.probability.shape == (7,)
    assert not flat.probability.any()
