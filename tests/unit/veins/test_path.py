from dataclasses import replace

import numpy as np
import pytest

from deepvein.veins.path import PATH_STEP_MM, path_through
from deepvein.veins.tree import VeinTree, vein_tree
from unit.findings.legs import VEIN_X_MM, Legs, axial, points

GRID = axial((5, 2, 2))
X, Y, Z = points(GRID)


def tree_of(vein: np.ndarray) -> VeinTree:
    legs = Legs()
    said = replace(legs.prediction(GRID), vein_probability=np.where(vein, 240, 0).astype(np.uint8))
    return vein_tree(said, legs.study(GRID))


def test_follows_an_oblique_vein_beyond_the_thrombus():
    vein = np.hypot(X - 60 - 0.2 * (Z - 300), Y) < 8
    clot = GRID.to_world(np.argwhere(vein & (np.abs(Z - 300) < 25)))
    path = path_through(tree_of(vein), clot, 235.0, 365.0)
    assert path[0, 2] == 365
    assert path[-1, 2] == 235
    assert np.diff(path[:, 2]) == pytest.approx(-PATH_STEP_MM)
    assert np.abs(path[20:-20, 0] - 60 - 0.2 * (path[20:-20, 2] - 300)).max() < 2
    assert np.abs(path[:, 1]).max() < 2


def test_of_two_veins_side_by_side_the_one_with_the_thrombus_is_taken():
    beside = np.hypot(X - VEIN_X_MM - 25, Y) < 6
    clot = GRID.to_world(np.argwhere(beside & (np.abs(Z - 300) < 25)))
    path = path_through(tree_of(beside | (np.hypot(X - VEIN_X_MM, Y) < 7)), clot, 250.0, 350.0)
    assert np.abs(path[:, 0] - VEIN_X_MM - 25).max() < 2


@pytest.mark.parametrize("veins", [np.zeros(GRID.shape, bool), np.hypot(X + VEIN_X_MM, Y) < 7])
def test_where_no_vein_passes_it_goes_straight_through_the_thrombus(veins: np.ndarray):
    clot = np.array([(70.0, 10.0, z) for z in (295.0, 300.0, 305.0)])
    path = path_through(tree_of(veins), clot, 260.0, 340.0)
    assert path[:, :2] == pytest.approx(np.tile([70.0, 10.0], (len(path), 1)))


def test_beyond_the_end_of_the_vein_it_goes_straight_on():
    vein = (np.hypot(X - VEIN_X_MM, Y) < 7) & (Z > 280)
    clot = GRID.to_world(np.argwhere(vein & (Z < 320)))
    path = path_through(tree_of(vein), clot, 200.0, 400.0)
    assert np.abs(path[:, 0] - VEIN_X_MM).max() < 2
    assert path[-1, 2] == 200
