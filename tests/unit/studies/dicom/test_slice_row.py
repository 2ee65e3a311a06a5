"""Where slices lie along their normal, and how their numbers run along it."""

from dataclasses import replace

import numpy as np
import pytest

from deepvein.studies.dicom.header import read_header
from deepvein.studies.dicom.slice_row import (
    are_numbered_along,
    are_packages,
    axes,
    crowded,
    is_counted_row,
    is_one_scan,
    is_row,
    lie_between,
    positions,
)
from unit.studies import making

COUNT, STEP = 6, 4.0


@pytest.fixture
def row(tmp_path):
    """Make frames of one row, numbered as told; thickness and start in mm."""

    def made(numbers=range(1, COUNT + 1), thickness=STEP, modality="CT", start_mm=0.0):
        grid = making.grid_of((COUNT, 3, 4), (STEP, 0.9, 0.8), (0, 0, start_mm))
        many = making.datasets(grid, making.ramp(grid.shape), modality, SliceThickness=thickness)
        for one, number in zip(many, numbers, strict=True):
            one.InstanceNumber = number
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        making.save_all(many, folder)
        return [frame for path in sorted(folder.iterdir()) for frame in read_header(path).frames]

    return made


def test_rows_that_share_a_stretch_lie_between_one_another(row):
    assert lie_between([row(), row(start_mm=STEP / 2)])
    assert not lie_between([row(), row(start_mm=COUNT * STEP)])
    assert not lie_between([row(), row(start_mm=STEP / 2)[:1]])  # a single slice has no stretch
    assert not lie_between([row(), [replace(one, position=None) for one in row()]])


def test_two_frames_at_one_place_are_crowded(row):
    assert not crowded(row() + row(start_mm=STEP / 2))
    assert crowded(row() + row(start_mm=0.002))
    assert not crowded([])


def test_a_row_has_no_hole(row):
    assert is_row(row())
    assert not is_row(row()[:2] + row()[3:])


@pytest.mark.parametrize(
    ("numbers", "counted", "along"),
    [
        ([1, 2, 3, 4, 5, 6], True, True),
        ([16, 15, 14, 13, 12, 11], True, True),
        ([1, 3, 5, 7, 9, 11], False, True),
        ([1, 2, 3, 5, 4, 6], False, False),
        ([1, 2, 3, 1, 2, 3], False, False),
        ([None] * COUNT, False, False),
    ],
)
def test_numbers_by_one_or_at_least_one_way(row, numbers, counted, along):
    frames = row(numbers)
    assert (is_counted_row(frames), are_numbered_along(frames)) == (counted, along)
    assert is_one_scan(frames) == along


def test_slices_closer_than_they_are_thick_may_be_two_scans(row):
    assert is_one_scan(row(thickness=1.1 * STEP))
    assert not is_one_scan(row(thickness=2 * STEP))
    assert not is_one_scan(row(thickness=None))


def test_packages_are_an_mr_scan_that_fills_its_row(row):
    turns = [1, 4, 2, 5, 3, 6]
    assert are_packages(row(turns, modality="MR"))
    assert not are_packages(row(turns, modality="MR", thickness=2 * STEP))
    assert not are_packages(row(turns))


def test_positions_along_the_normal_are_the_heights(row):
    frames = row(start_mm=10.0)
    along = positions(frames) @ axes(frames[0])[0]
    np.testing.assert_allclose(np.sort(np.abs(along)), 10.0 + STEP * np.arange(COUNT))
