from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.inference.second_reader.way import STEP_MM, Way
from deepvein.veins.tree import vein_tree
from deepvein.veins.ways import CONTEXT_MM
from deepvein.volumes.grid import Grid
from unit.findings.legs import VEIN_X_MM, Legs, axial, coronal, points

LEGS = Legs()


def ways_in(vein: np.ndarray, grid: Grid) -> tuple[Way, ...]:
    said = replace(LEGS.prediction(grid), vein_probability=vein)
    return vein_tree(said, LEGS.study(grid)).ways


@pytest.mark.parametrize("grid", [axial(), coronal()], ids=["axial", "coronal"])
def test_both_veins_are_passed_over_their_length(grid):
    ways = vein_tree(LEGS.prediction(grid), LEGS.study(grid)).ways
    assert sorted(way.side.value for way in ways) == ["left", "right"]
    for way in ways:
        x = VEIN_X_MM if way.side is Side.LEFT else -VEIN_X_MM
        assert way.centres_mm == pytest.approx(np.tile([x, 0.0], (len(way), 1)), abs=3)
        assert len(way) * STEP_MM > 580
        assert way.seen.mean() > 0.97
        assert {int(VeinSegment.POPLITEAL), int(VeinSegment.FEMORAL)} <= set(way.segments)


def test_a_missed_stretch_is_bridged_and_said_to_be_guessed():
    grid = axial()
    vein, z = LEGS.prediction(grid).vein_probability, grid.body_positions_mm()
    vein[(z > 250) & (z < 285)] = 0
    ways = ways_in(vein, grid)
    assert len(ways) == 2
    for way in ways:
        height = way.points_mm[:, 2]
        inside = (height > 262) & (height < 273)
        assert inside.any()
        assert not way.seen[inside].any()
        assert way.seen[(height < 240) & (height > 15)].all()


def test_a_gap_too_long_parts_the_vein_and_the_ways_go_on_a_little():
    grid = axial()
    vein, z = LEGS.prediction(grid).vein_probability, grid.body_positions_mm()
    vein[(z > 200) & (z < 300)] = 0
    ways = ways_in(vein, grid)
    assert len(ways) == 4
    below = [way for way in ways if way.levels[0] * STEP_MM < 100]
    assert all(205 < way.points_mm[-1, 2] < 220 and not way.seen[-4:].any() for way in below)


def test_a_tributary_is_seen_with_the_context_that_it_drains_into():
    grid = axial((5, 2, 2))
    x, y, z = points(grid)
    trunk = np.hypot(x - VEIN_X_MM, y) < 7
    tributary = (np.hypot(x - VEIN_X_MM - 0.3 * (200 - z), y) < 4) & (z > 100) & (z < 200)
    first, second = ways_in(np.where(trunk | tributary, 240, 0).astype(np.uint8), grid)
    assert len(first) * STEP_MM > 580
    assert second.points_mm[0, 0] > VEIN_X_MM + 20
    assert second.points_mm[-1, :2] == pytest.approx([VEIN_X_MM, 0], abs=3)
    beyond = second.points_mm[-1, 2] - 180
    assert CONTEXT_MM - 40 < beyond < CONTEXT_MM + 60


def test_no_vein_no_way():
    assert ways_in(np.zeros(axial().shape, np.uint8), axial()) == ()
