import numpy as np
import pytest

from deepvein.anatomy.veins import Side
from deepvein.inference.second_reader.marks import mark
from deepvein.inference.second_reader.sections import sections
from deepvein.inference.second_reader.way import Way
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.orient import orient
from deepvein.volumes.volume import Volume

GRID = Grid.from_directions((30, 50, 60), (2.0, 0.9, 0.8), (-25.0, -20.0, 30.0))
SIZE, PIXEL_MM = 20, 0.9


def volume() -> Volume:
    return Volume(np.zeros(GRID.shape, np.uint8), GRID)


def way(side: Side = Side.LEFT) -> Way:
    levels = np.arange(12, 25)
    centres = np.column_stack([np.linspace(-3, 4, 13), np.full(13, 2.0)])
    return Way(side, levels, centres, np.ones(13, bool), np.zeros(13, np.uint8))


@pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
@pytest.mark.parametrize("coronal", [False, True])
def test_what_is_marked_is_seen_again_in_the_sections(side, coronal):
    one, place = way(side), volume()
    offset = (np.arange(SIZE) - (SIZE - 1) / 2) * PIXEL_MM
    blob = np.exp(-((offset[None, :] - 2) ** 2 + offset[:, None] ** 2) / 16)
    read = np.repeat(blob[None], len(one), axis=0).astype(np.float32)
    target = orient(place, CORONAL) if coronal else place
    mark(target, one, read, PIXEL_MM)
    seen = sections(place, one.points_mm, side, SIZE, PIXEL_MM, 0.0) / 255
    assert seen[2:-2, 4:-4, 4:-4] == pytest.approx(read[2:-2, 4:-4, 4:-4], abs=0.06)


def test_nothing_is_marked_beyond_the_ends_of_a_way():
    place = volume()
    mark(place, way(), np.ones((13, SIZE, SIZE), np.float32), PIXEL_MM)
    z = GRID.body_positions_mm()
    marked = place.array.any(axis=(1, 2))
    assert marked[(z >= 36) & (z <= 72)].all()
    assert not marked[(z < 34) | (z > 74)].any()


def test_where_courses_meet_the_larger_probability_stands():
    place = volume()
    for p in (0.8, 0.3):
        mark(place, way(), np.full((13, SIZE, SIZE), p, np.float32), PIXEL_MM)
    assert place.array.max() == 204


def test_a_course_outside_the_study_changes_nothing():
    place = volume()
    far = Way(
        Side.LEFT,
        np.arange(12, 25),
        np.full((13, 2), 500.0),
        np.ones(13, bool),
        np.zeros(13, np.uint8),
    )
    mark(place, far, np.ones((13, SIZE, SIZE), np.float32), PIXEL_MM)
    assert not place.array.any()


def test_what_nobody_would_call_thrombus_is_not_marked():
    place = volume()
    read = np.full((13, SIZE, SIZE), 0.01, np.float32)
    read[6] = 0.5
    mark(place, way(), read, PIXEL_MM)
    z = GRID.body_positions_mm()
    marked = place.array.any(axis=(1, 2))
    # Section 6 lies at 54 mm; what lies between it and its neighbours is marked too.
    assert marked[(z > 51) & (z < 57)].all()
    assert not marked[(z <= 51) | (z >= 57)].any()
