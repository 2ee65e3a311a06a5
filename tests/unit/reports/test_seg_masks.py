from pathlib import Path

import numpy as np

from deepvein.reports.seg_masks import planes
from deepvein.reports.sources import SourceFrame
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume


def frame(grid: Grid, index: int, shift_mm: tuple[float, float, float] = (0, 0, 0)) -> SourceFrame:
    affine = grid.affine.copy()
    affine[:3, 3] = grid.to_world([(index, 0, 0)])[0] + shift_mm
    affine[:3, 0] /= np.linalg.norm(affine[:3, 0])
    single = Grid((1, *grid.shape[1:]), affine)
    return SourceFrame(Path(f"{index}.dcm"), "1", f"1.{index}", "2", index, None, single)


GRID = Grid.from_directions((6, 7, 8), (3.0, 2.0, 2.0), (5.0, -3.0, 40.0))


def labels() -> Volume:
    array = np.zeros(GRID.shape, dtype=np.uint8)
    array[2, 1:3, 4] = 1
    array[3, 6, 7] = 2
    return Volume(array, GRID)


def test_frames_on_the_grid_get_its_slices() -> None:
    kept, images = planes(labels(), [frame(GRID, index) for index in range(6)])
    assert kept == (2, 3)
    assert (images == labels().array).all()


def test_a_frame_in_the_same_place_counts_once() -> None:
    kept, images = planes(labels(), [frame(GRID, 2), frame(GRID, 2), frame(GRID, 3)])
    assert kept == (0, 2)
    assert not images[1].any()


def test_a_shifted_frame_sees_the_label_shifted_back() -> None:
    kept, images = planes(labels(), [frame(GRID, 2, (2.0, 0.0, 0.0))])
    assert kept == (0,)
    assert np.argwhere(images[0]).tolist() == [[1, 3], [2, 3]]


def test_frames_between_slices_take_the_nearest() -> None:
    kept, images = planes(labels(), [frame(GRID, 2, (0, 0, 1.4)), frame(GRID, 2, (0, 0, 1.6))])
    assert kept == (0, 1)
    assert set(np.unique(images[0])) == {0, 1}
    assert set(np.unique(images[1])) == {0, 2}


def test_nothing_set_or_no_frames_is_empty() -> None:
    blank = Volume(np.zeros(GRID.shape, dtype=np.uint8), GRID)
    kept, images = planes(blank, [frame(GRID, 0)])
    assert (kept, images.shape, images.any()) == ((), (1, 7, 8), False)
    assert planes(labels(), [])[0] == ()
