from pathlib import Path

import numpy as np

from deepvein.reports.dicom.planes import planes
from deepvein.studies.source import SourceFrame
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume


def frame(grid: Grid, index: int, shift_mm: tuple[float, float, float] = (0, 0, 0)) -> SourceFrame:
    return SourceFrame(
        path=Path(f"{index}.dcm"),
        sop_class_uid="1",
        sop_instance_uid=f"1.{index}",
        series_instance_uid="2",
        instance_number=index,
        number=None,
        rows=grid.shape[1],
        columns=grid.shape[2],
        position_mm=tuple(grid.to_world([(index, 0, 0)])[0] + shift_mm),
        orientation=(*grid.directions[:, 2], *grid.directions[:, 1]),
        spacing_mm=grid.spacing_mm[1:],
    )


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


def test_frames_between_marked_ones_are_kept() -> None:
    array = np.zeros(GRID.shape, dtype=np.uint8)
    array[1, 1, 1] = array[4, 1, 1] = 1
    kept, images = planes(Volume(array, GRID), [frame(GRID, index) for index in range(6)])
    assert kept == (1, 2, 3, 4)
    assert not images[2:4].any()
