import numpy as np

from deepvein.reports.vein_path import vein_path
from deepvein.volumes.volume import Volume
from unit.reports.legs import axial_grid, finding, positions


def test_follows_an_oblique_vein_beyond_the_thrombus() -> None:
    grid = axial_grid()
    world = positions(grid)

    def course(z: np.ndarray) -> np.ndarray:
        return 60 + 0.25 * (z + 415)

    vein = np.hypot(world[..., 0] - course(world[..., 2]), world[..., 1]) < 9
    clot = vein & (np.abs(world[..., 2] + 415) < 25)
    probability = Volume((vein * 250).astype(np.uint8), grid)
    path, step = vein_path(finding(clot, grid), grid, probability, 40.0, 260.0)
    assert step == 0.5
    assert (np.diff(path[:, 2]) < 0).all()
    assert path[0, 2] > -360
    assert path[-1, 2] < -470
    inner = path[20:-20]
    assert np.abs(inner[:, 0] - course(inner[:, 2])).max() < 3
    assert np.abs(inner[:, 1]).max() < 3


def test_goes_straight_on_where_no_vein_is_seen() -> None:
    grid = axial_grid()
    clot = np.zeros(grid.shape, dtype=bool)
    clot[14:17, 24, 60] = True
    blank = Volume(np.zeros(grid.shape, dtype=np.uint8), grid)
    path, _ = vein_path(finding(clot, grid), grid, blank, 30.0, 260.0)
    x, y = grid.to_world([(15, 24, 60)])[0][:2]
    assert np.abs(path[:, 0] - x).max() < 1e-6
    assert np.abs(path[:, 1] - y).max() < 1e-6


def test_is_cut_around_the_key_point() -> None:
    grid = axial_grid()
    world = positions(grid)
    clot = np.hypot(world[..., 0] - 60, world[..., 1]) < 9
    found = finding(clot, grid)
    blank = Volume((clot * 250).astype(np.uint8), grid)
    path, _ = vein_path(found, grid, blank, 0.0, 50.0)
    assert path[:, 2].max() - path[:, 2].min() <= 50.0
    assert path[:, 2].min() <= found.key_point_mm[2] <= path[:, 2].max()
