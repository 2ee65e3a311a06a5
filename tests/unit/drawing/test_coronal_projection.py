import numpy as np
import pytest

from deepvein.drawing.coronal_projection import Front
from deepvein.volumes.grid import Grid
from unit.reports.legs import axial_grid
from unit.reports.series import ORIENTATIONS, orientation_grid


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_the_whole_grid_casts_a_shadow_without_gaps(name: str) -> None:
    grid = orientation_grid(name)
    front = Front.covering(grid)
    shown = np.zeros(front.shape, dtype=bool)
    rows, columns, _ = front.pixels(grid.to_world(np.argwhere(np.ones(grid.shape))))
    shown[rows, columns] = True
    if name == "oblique":
        # A turned box does not fill the picture, but its middle row has no gap.
        row = shown[front.shape[0] // 2]
        first, last = np.flatnonzero(row)[[0, -1]]
        assert row[first : last + 1].all()
    else:
        assert shown.mean() > 0.95


def test_a_voxel_lies_where_its_position_says() -> None:
    grid = Grid.from_directions((5, 5, 5), (3.0, 1.0, 3.0), (-6.0, 0.0, 100.0))
    front = Front.covering(grid)
    assert front.extent_mm == (-7.5, 7.5, 98.5, 113.5)
    rows, columns, voxels = front.pixels(grid.to_world([(4, 0, 0)]))
    # Highest and rightmost of the patient: upper left, three by three pixels.
    assert (sorted(set(rows)), sorted(set(columns))) == ([0, 1, 2], [0, 1, 2])
    assert set(voxels) == {0}


def test_the_rim_widens_and_is_cut_at_the_edge() -> None:
    grid = Grid.from_directions((5, 5, 5), (1.0, 1.0, 1.0))
    front = Front.covering(grid)
    rows, columns, _ = front.pixels(grid.to_world([(2, 2, 2)]), rim=1)
    assert (min(rows), max(rows), min(columns), max(columns)) == (1, 3, 1, 3)
    rows, _, _ = front.pixels(grid.to_world([(4, 0, 0)]), rim=1)
    assert len(rows) == 4


def test_no_voxels_cast_no_shadow() -> None:
    rows, columns, voxels = Front.covering(axial_grid()).pixels(np.zeros((0, 3)))
    assert len(rows) == len(columns) == len(voxels) == 0
