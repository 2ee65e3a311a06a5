import numpy as np
import pytest

from deepvein.laboratory.second_opinion.real.tables import ONE, OTHER
from deepvein.laboratory.second_opinion.real.tissues import COLUMNS, ROWS, anatomy

SLICE = 130


@pytest.fixture(scope="module")
def seen():
    """Two thighs: muscle, fat without water, a dotted line of skin, a femur each as the tables have it."""
    y, x = np.mgrid[:320, :320].astype(float)
    plane = np.zeros((320, 320), np.float32)
    for leg, middle in ((ONE, 105), (OTHER, 215)):
        far = np.hypot(x - middle, y - 180)
        plane[far < 38] = 1
        plane[(far > 47) & (far < 48.5) & ((x + y) % 3 < 2)] = 0.8
        _, bone_x, bone_y, _, _ = next(row for row in leg.bones["femur"] if row[0] == SLICE)
        plane[np.hypot(x - bone_x, y - bone_y) < 10] = 0.05
    return anatomy(np.repeat(plane[None], 187, 0), 168, 192)


def test_only_the_slices_asked_for_and_one_more_at_either_end(seen):
    assert seen.first == 126
    assert seen.water.shape == (7, ROWS.stop - ROWS.start, COLUMNS.stop - COLUMNS.start)


def test_the_skin_is_found_round_fat_that_shows_no_water(seen):
    for middle in (105, 215):
        row, column = 180 - ROWS.start, middle - COLUMNS.start
        assert seen.skin[3, row - 43, column] < 0
        assert seen.skin[3, row - 54, column] > 0


def test_bones_have_a_cortex(seen):
    number = SLICE - seen.first
    for leg in (ONE, OTHER):
        _, x, y, _, _ = next(row for row in leg.bones["femur"] if row[0] == SLICE)
        at = (number, round(y) - ROWS.start, round(x) - COLUMNS.start)
        # Muscle all around takes a voxel of the ten.
        assert -15 < seen.bone[at] < -11
        assert 4 < seen.core[at] - seen.bone[at] < 7
    assert (seen.bone < 0).sum() == pytest.approx(7 * 2 * np.pi * 9**2, rel=0.1)
