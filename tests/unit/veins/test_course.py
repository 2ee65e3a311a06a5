from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.veins.course import STEP_MM, trace
from deepvein.veins.side import LEFT, RIGHT
from deepvein.veins.voxels import VeinVoxels
from deepvein.volumes.grid import Grid
from unit.veins.test_centreline import tube

GRID = Grid.from_directions((150, 30, 60), (2.0, 1.0, 1.0), (-30.0, -15.0, 0.0))
POPLITEAL, FEMORAL = VeinSegment.POPLITEAL, VeinSegment.FEMORAL


def voxels(mask: np.ndarray, knee_mm: float = 120.0, signal: float = 150.0) -> VeinVoxels:
    """Popliteal below the knee, femoral above it, sides by x."""
    indices = np.argwhere(mask)
    points = GRID.to_world(indices)
    return VeinVoxels(
        indices=indices,
        points_mm=points,
        segments=np.where(points[:, 2] < knee_mm, POPLITEAL, FEMORAL).astype(np.uint8),
        sides=np.where(points[:, 0] > 0, LEFT, RIGHT).astype(np.int8),
        vein=np.full(len(indices), 200, np.uint8),
        thrombus=np.zeros(len(indices), np.uint8),
        signal=np.full(len(indices), signal),
    )


def test_one_vein_is_two_segments_in_the_order_of_the_blood():
    popliteal, femoral = trace(voxels(tube(GRID, (10, 0, 10), (14, 0, 280), 4.0)), GRID)
    assert (popliteal.segment, femoral.segment) == (POPLITEAL, FEMORAL)
    assert popliteal.side is femoral.side is Side.LEFT
    assert (popliteal.drains_into, popliteal.joins_at) == (1, 0)
    assert femoral.drains_into is None
    assert (popliteal.points_mm[-1] == femoral.points_mm[0]).all()
    assert popliteal.points_mm[-1, 2] == pytest.approx(120, abs=3)


def test_points_are_even_central_and_as_wide_as_the_vein():
    for course in trace(voxels(tube(GRID, (10, 0, 10), (14, 0, 280), 4.0)), GRID):
        steps = np.linalg.norm(np.diff(course.points_mm, axis=0), axis=1)
        assert steps == pytest.approx(STEP_MM, rel=0.25)
        assert course.length_mm == pytest.approx(steps.sum())
        axis = 10 + 4 * (course.points_mm[:, 2] - 10) / 270
        assert np.abs(course.points_mm[5:-5, 0] - axis[5:-5]).max() < 0.6
        assert np.median(course.radius_mm) == pytest.approx(4, abs=0.3)
        assert course.seen.all()
        assert (course.blood == 150).all()


def test_a_gap_is_bridged_and_said_to_be():
    mask = tube(GRID, (10, 0, 10), (10, 0, 280), 4.0)
    mask[85:95] = False
    courses = trace(voxels(mask), GRID)
    assert [course.segment for course in courses] == [POPLITEAL, FEMORAL]
    unseen = courses[1].points_mm[~courses[1].seen, 2]
    assert 170 < unseen.min() < unseen.max() < 190
    assert len(unseen) >= 6


def test_a_wider_gap_parts_the_vein():
    mask = tube(GRID, (10, 0, 10), (10, 0, 280), 4.0)
    mask[75:100] = False
    courses = trace(voxels(mask), GRID)
    assert sorted(c.segment for c in courses if c.drains_into is None) == [FEMORAL, FEMORAL]


def test_what_ends_on_the_other_side_is_not_its_continuation():
    mask = tube(GRID, (3, 0, 10), (3, 0, 140), 2.0) | tube(GRID, (-3, 0, 155), (-3, 0, 280), 2.0)
    assert {c.side for c in trace(voxels(mask), GRID) if c.drains_into is None} == {
        Side.LEFT,
        Side.RIGHT,
    }


def test_a_tributary_joins_in_the_middle():
    mask = tube(GRID, (10, 0, 10), (10, 0, 280), 4.0) | tube(GRID, (25, 0, 130), (10, 0, 200), 2.0)
    courses = trace(voxels(mask), GRID)
    (tributary,) = [course for course in courses if course.joins_at]
    trunk = courses[tributary.drains_into]
    assert trunk.segment is FEMORAL
    # Its axis meets the trunk's at 200 mm, its wall the trunk's wall at 172 mm.
    assert trunk.points_mm[tributary.joins_at, 2] == pytest.approx(172, abs=8)


def test_a_thrombus_has_no_blood():
    found = voxels(tube(GRID, (10, 0, 10), (10, 0, 100), 4.0))
    height = GRID.to_world(found.indices)[:, 2]
    thrombus = np.where(height < 50, 200, 0).astype(np.uint8)
    (course,) = trace(replace(found, thrombus=thrombus), GRID)
    low = course.points_mm[:, 2] < 46
    assert np.isnan(course.blood[low]).all()
    assert (course.blood[course.points_mm[:, 2] > 54] == 150).all()


def test_specks_and_nothing_have_no_course():
    assert trace(voxels(tube(GRID, (10, 0, 50), (10, 0, 55), 3.0)), GRID) == ()
    assert trace(voxels(np.zeros(GRID.shape, bool)), GRID) == ()


def test_a_vein_that_no_territory_names_has_no_course():
    found = voxels(tube(GRID, (10, 0, 10), (10, 0, 280), 4.0))
    assert trace(replace(found, segments=np.zeros_like(found.segments)), GRID) == ()


def test_of_very_many_voxels_every_second_is_enough(monkeypatch: pytest.MonkeyPatch):
    found = voxels(tube(GRID, (10, 0, 10), (14, 0, 280), 6.0))
    monkeypatch.setattr("deepvein.veins.course.MOST_VOXELS", len(found.indices) // 2)
    popliteal, femoral = trace(found, GRID)
    assert (popliteal.segment, femoral.segment) == (POPLITEAL, FEMORAL)
    axis = 10 + 4 * (femoral.points_mm[:, 2] - 10) / 270
    assert np.abs(femoral.points_mm[5:-5, 0] - axis[5:-5]).max() < 0.8
    assert np.median(femoral.radius_mm) == pytest.approx(6, abs=0.5)
