import numpy as np
import pytest

from deepvein.veins.centreline import branches, fronts
from deepvein.volumes.grid import CORONAL, Grid

GRID = Grid.from_directions((60, 40, 60), (2.0, 1.0, 1.0), (-30.0, -20.0, 0.0))


def tube(grid: Grid, low: tuple[float, ...], high: tuple[float, ...], radius: float) -> np.ndarray:
    """Mask of the voxels within `radius` mm of the line between two LPS points."""
    points = grid.to_world(np.indices(grid.shape).reshape(3, -1).T)
    start, way = np.array(low), np.array(high) - np.array(low)
    along = ((points - start) @ way / (way @ way)).clip(0, 1)
    distance = np.linalg.norm(points - start - along[:, None] * way, axis=1)
    return (distance <= radius).reshape(grid.shape)


@pytest.mark.parametrize("top", [(0.0, 0.0, 110.0), (12.0, -9.0, 110.0), (-25.0, 0.0, 60.0)])
@pytest.mark.parametrize("turned", [False, True])
def test_fronts_run_along_the_axis_and_know_the_calibre(top: tuple[float, ...], turned: bool):
    grid = (
        Grid.from_directions((40, 120, 60), (1.0, 1.0, 1.0), (-30.0, -20.0, 119.0), CORONAL)
        if turned
        else GRID
    )
    mask = tube(grid, (0.0, 0.0, 10.0), top, 5.0)
    found = fronts(np.argwhere(mask), grid)
    way = np.array(top) - (0.0, 0.0, 10.0)
    along = (found.points_mm - (0.0, 0.0, 10.0)) @ way / (way @ way)
    inner = (along > 0.1) & (along < 0.9)
    off = found.points_mm - (0.0, 0.0, 10.0) - along[:, None] * way
    assert np.linalg.norm(off[inner], axis=1).max() < 1.2
    assert np.median(np.sqrt(found.section_mm2[inner] / np.pi)) == pytest.approx(5, abs=0.5)


def test_every_front_hangs_on_the_one_above_up_to_the_end():
    found = fronts(np.argwhere(tube(GRID, (0, 0, 10), (0, 0, 100), 4.0)), GRID)
    tops = np.flatnonzero(found.parent < 0)
    below = np.flatnonzero(found.parent >= 0)
    assert found.points_mm[tops, 2].min() > 100
    assert (found.points_mm[found.parent[below], 2] > found.points_mm[below, 2]).all()
    assert set(found.part.tolist()) == {0}
    assert np.bincount(found.of_voxel).min() >= 1


def test_two_tributaries_and_their_trunk():
    mask = tube(GRID, (0, 0, 60), (0, 0, 110), 4.0)
    mask |= tube(GRID, (-20, 0, 10), (0, 0, 60), 3.0) | tube(GRID, (15, 0, 20), (0, 0, 60), 3.0)
    found = fronts(np.argwhere(mask), GRID)
    long, short = branches(found.points_mm, found.parent, 15.0, 4.0)
    assert found.points_mm[long[0], 0] < -17
    assert found.points_mm[long[-1], 2] > 110
    assert found.points_mm[short[0], 0] > 12
    assert short[-1] in long
    assert found.points_mm[short[-1], 2] == pytest.approx(60, abs=8)


def test_a_bulge_is_no_branch():
    mask = tube(GRID, (0, 0, 10), (0, 0, 110), 4.0) | tube(GRID, (0, 0, 50), (10, 0, 50), 2.0)
    found = fronts(np.argwhere(mask), GRID)
    assert len(branches(found.points_mm, found.parent, 15.0, 4.0)) == 1


def test_a_speck_beyond_a_gap_is_no_branch():
    points = np.array([(0.0, 0.0, z) for z in (100.0, 98.0, 60.0, 58.0)])
    assert branches(points, np.array([-1, 0, 1, 2]), 15.0, 4.0) == []
    assert len(branches(points, np.array([-1, 0, 1, 2]), 5.0, 4.0)) == 1


def test_no_voxels_no_fronts():
    found = fronts(np.zeros((0, 3), np.int64), GRID)
    assert found.points_mm.shape == (0, 3)
    assert branches(found.points_mm, found.parent, 15.0, 4.0) == []
