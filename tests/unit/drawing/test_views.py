import numpy as np
import pytest

from deepvein.drawing.views import along, axial, coronal, mask_of, sample
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume
from unit.reports.legs import axial_grid, positions
from unit.reports.series import ORIENTATIONS, orientation_grid


def coordinate(grid: Grid, axis: int) -> Volume:
    """A volume whose value is the LPS coordinate along one axis."""
    return Volume(positions(grid)[..., axis].astype(np.float32), grid)


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_sampling_a_ramp_gives_the_position(name: str) -> None:
    grid = orientation_grid(name)
    centre = (np.asarray(grid.corners_mm).min(axis=0) + grid.corners_mm.max(axis=0)) / 2
    for view in (axial(centre, 20, 16, 2.0), coronal(centre, 20, 16, 2.0)):
        for axis in range(3):
            seen = sample(coordinate(grid, axis), view)
            assert np.abs(seen - view.points_mm[..., axis]).max() < 1e-3


def test_right_is_on_the_left_and_front_or_head_is_up() -> None:
    flat = axial((0, 0, 0), 30, 20, 1.0)
    assert flat.shape == (20, 30)
    assert (np.diff(flat.points_mm[0, :, 0]) > 0).all()
    assert (np.diff(flat.points_mm[:, 0, 1]) > 0).all()
    assert flat.heads == ("R", "L", "A", "P")
    upright = coronal((0, 0, 0), 30, 20, 1.0)
    assert (np.diff(upright.points_mm[0, :, 0]) > 0).all()
    assert (np.diff(upright.points_mm[:, 0, 2]) < 0).all()


def test_the_centre_lies_in_the_middle() -> None:
    view = axial((12.0, -3.0, 40.0), 9, 9, 1.0)
    assert view.points_mm[4, 4] == pytest.approx((12.0, -3.0, 40.0))


def test_outside_takes_the_value_asked_for() -> None:
    grid = Grid.from_directions((3, 3, 3), (1.0, 1.0, 1.0))
    seen = sample(Volume(np.ones(grid.shape, np.int16), grid), axial((1, 1, 1), 9, 9, 1.0), -5.0)
    assert (seen == 1).sum() == 9
    assert (seen == -5).sum() == 72


def test_a_view_beside_the_volume_is_empty() -> None:
    grid = axial_grid()
    view = axial((900, 0, 0), 10, 10, 1.0)
    assert (sample(coordinate(grid, 0), view, 7.0) == 7).all()


def test_a_sheet_along_a_path_straightens_it() -> None:
    grid = axial_grid()
    z = np.arange(-360.0, -460.0, -2.0)
    path = np.stack([0.3 * (z + 400), np.full_like(z, 5.0), z], axis=1)
    view = along(path, 20, 2.0)
    assert view.shape == (50, 10)
    seen = sample(coordinate(grid, 0), view)
    middle = (seen[:, 4] + seen[:, 5]) / 2
    assert middle == pytest.approx(path[:, 0], abs=1e-3)


def test_mask_keeps_its_place_at_the_edge_of_the_grid() -> None:
    grid = axial_grid()
    indices = np.array([[0, 0, 0], [0, 0, 1], [1, 2, 1]])
    mask = mask_of(indices, grid)
    assert mask.array.sum() == 3
    assert np.allclose(
        mask.grid.to_world(np.argwhere(mask.array)), grid.to_world(indices), atol=1e-9
    )
    border = mask.array.copy()
    border[1:-1, 1:-1, 1:-1] = 0
    assert not border.any()
