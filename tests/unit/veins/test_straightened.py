from dataclasses import replace

import numpy as np
import pytest

from deepvein.veins.straightened import HALF_WIDTH_MM, MARGIN_MM, PIXEL_MM, line_through, straighten
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume
from unit.reports.legs import screening
from unit.veins.test_centreline import tube

GRID = Grid.from_directions((150, 60, 90), (2.0, 1.0, 1.0), (-45.0, -30.0, 0.0))
MIDDLE = round(HALF_WIDTH_MM / PIXEL_MM)
ENDS = np.array([(-20.0, -5.0, 10.0), (15.0, 8.0, 280.0)])


@pytest.fixture
def bent():
    """An oblique vein of 4 mm radius, the upper half of which is marked."""
    vein = tube(GRID, tuple(ENDS[0]), tuple(ENDS[1]), 4.0)
    marked = vein.astype(np.uint8) * 3
    marked[:75] = 0
    line = np.linspace(*ENDS, 100)
    return straighten(Volume(vein.astype(np.int16) * 100, GRID), Volume(marked, GRID), line)


def test_a_bent_vein_becomes_a_straight_one_of_its_width(bent):
    assert bent.values.shape == (2, len(bent.points_mm), 2 * MIDDLE + 1)
    inside = bent.values[:, 10:-10] > 50
    assert inside[:, :, MIDDLE].all()
    width_mm = inside.sum(axis=2) * PIXEL_MM
    assert np.median(width_mm) == pytest.approx(8.0, abs=1.0)
    middles = np.array([[np.flatnonzero(row).mean() for row in plane] for plane in inside])
    assert np.abs(middles - MIDDLE).max() * PIXEL_MM < 1.0


def test_the_first_row_is_the_end_towards_the_heart(bent):
    assert bent.points_mm[0, 2] > bent.points_mm[-1, 2]
    assert np.abs(bent.points_mm[[0, -1]] - ENDS[::-1]).max() < 1.1
    steps = np.linalg.norm(np.diff(bent.points_mm, axis=0), axis=1)
    assert steps == pytest.approx(1.0, abs=0.01)
    marked = (bent.labels == 3).any(axis=(0, 2))
    height = bent.points_mm[:, 2]
    assert marked[height > 155].all()
    assert not marked[height < 140].any()


def test_columns_run_to_the_left_and_to_the_back():
    points = GRID.to_world(np.argwhere(np.ones(GRID.shape, bool)))
    empty = Volume(np.zeros(GRID.shape, np.uint8), GRID)
    for plane, axis in ((0, 0), (1, 1)):
        ramp = Volume(points[:, axis].reshape(GRID.shape).astype(np.float32), GRID)
        made = straighten(ramp, empty, np.array([(0.0, 0.0, 50.0), (0.0, 0.0, 200.0)]))
        row = made.values[plane, 75]
        assert row[MIDDLE] == pytest.approx(0, abs=1e-3)
        assert row[MIDDLE + 10] == pytest.approx(10 * PIXEL_MM, abs=1e-3)


def test_beyond_the_image_is_its_lowest_value():
    image = Volume(np.full(GRID.shape, 7, np.int16), GRID)
    image.array[0, 0, 0] = -5
    made = straighten(
        image,
        Volume(np.zeros(GRID.shape, np.uint8), GRID),
        np.array([(-44.0, 0, 50), (-44.0, 0, 99)]),
    )
    assert (made.values[0, :, :10] == -5).all()
    assert (made.values[0, :, MIDDLE + 5 :] == 7).all()


def test_a_thrombus_lies_on_the_line_of_its_own_vein():
    made = screening()
    (finding,) = made.findings
    points = made.study.volume.grid.to_world(finding.indices)
    line = line_through(made.tree, points)
    assert (np.sign(line[:, 0]) == np.sign(points[:, 0].mean())).all()
    assert line[0, 2] < points[:, 2].min()
    assert line[-1, 2] > points[:, 2].max()
    length = np.linalg.norm(np.diff(line, axis=0), axis=1).sum()
    assert length <= np.ptp(points[:, 2]) + 2 * (MARGIN_MM + 20)


def test_what_lies_in_no_vein_has_no_line():
    tree = screening().tree
    assert line_through(tree, np.array([[500.0, 500.0, 0.0]])) is None
    assert line_through(tree, np.zeros((0, 3))) is None
    assert line_through(replace(tree, courses=()), np.zeros((1, 3))) is None
