import itertools

import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.veins.naming import Naming, are_continuous, names_along
from deepvein.veins.side import LEFT, RIGHT, Midline
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

ONE_LEG = Midline(np.zeros(0), np.zeros(0), Side.LEFT)
TWO_LEGS = Midline(np.array([0.0]), np.array([0.0]))


def test_voxels_take_the_nearest_territory_and_none_outside():
    array = np.zeros((2, 1, 1), np.uint8)
    array[:, 0, 0] = VeinSegment.POPLITEAL, VeinSegment.FEMORAL
    territories = Volume(array, Grid.from_directions((2, 1, 1), (10.0, 10.0, 10.0)))
    points = np.array([(0, 0, 4.9), (0, 0, 5.1), (4.9, -4.9, 14.9), (0, 0, 24.9), (0, 0, -15.1)])
    naming = Naming(territories, ONE_LEG)
    assert naming.segments(points).tolist() == [8, 7, 7, 7, 0]
    assert naming.segments(np.zeros((0, 3))).tolist() == []


def test_the_confluence_lies_where_the_vena_cava_begins():
    array = np.zeros((6, 1, 5), np.uint8)
    array[2:, 0, 1] = VeinSegment.INFERIOR_VENA_CAVA
    array[5, 0, :] = VeinSegment.INFERIOR_VENA_CAVA
    territories = Volume(array, Grid.from_directions((6, 1, 5), (10.0, 10.0, 10.0)))
    assert Naming(territories, ONE_LEG).confluence_x_mm == pytest.approx(10.0)
    array[:] = 0
    assert Naming(territories, ONE_LEG).confluence_x_mm is None


def test_the_left_common_iliac_vein_crosses_the_midline():
    array = np.zeros((6, 1, 5), np.uint8)
    array[:3] = VeinSegment.COMMON_ILIAC
    array[3:, 0, 1] = VeinSegment.INFERIOR_VENA_CAVA
    grid = Grid.from_directions((6, 1, 5), (10.0, 10.0, 10.0), (-20.0, 0.0, 0.0))
    naming = Naming(Volume(array, grid), TWO_LEGS)
    points = np.array([(-15.0, 0, 0), (-5.0, 0, 0), (5.0, 0, 0), (-5.0, 0, 40)])
    segments = naming.segments(points)
    assert naming.sides(points, segments).tolist() == [RIGHT, LEFT, LEFT, RIGHT]
    assert Naming(naming.territories, ONE_LEG).sides(points, segments).tolist() == [LEFT] * 4


def test_continuity_is_symmetric_and_every_deep_vein_reaches_the_vena_cava():
    deep = [s for s in VeinSegment if s.is_deep]
    for one, other in itertools.product(deep, deep):
        assert are_continuous(one, other) == are_continuous(other, one)
    reached = {VeinSegment.INFERIOR_VENA_CAVA}
    while more := {
        s for s in deep if s not in reached and any(are_continuous(s, r) for r in reached)
    }:
        reached |= more
    assert reached == set(deep)


def test_neighbours_that_do_not_join_are_apart():
    assert not are_continuous(VeinSegment.FEMORAL, VeinSegment.DEEP_FEMORAL)
    assert not are_continuous(VeinSegment.ANTERIOR_TIBIAL, VeinSegment.FEMORAL)
    assert are_continuous(0, VeinSegment.FEMORAL)


def test_names_along_a_vein_follow_the_blood():
    calf, knee, thigh, deep = (
        VeinSegment.PERONEAL,
        VeinSegment.POPLITEAL,
        VeinSegment.FEMORAL,
        VeinSegment.DEEP_FEMORAL,
    )
    said = np.array([calf] * 20 + [0] * 2 + [knee] * 20 + [deep] * 4 + [thigh] * 20, np.uint8)
    names = names_along(said, np.full(len(said), 2.0))
    assert names[:20].tolist() == [calf] * 20
    assert names[22:42].tolist() == [knee] * 20
    assert names[46:].tolist() == [thigh] * 20
    assert set(names.tolist()) == {calf, knee, thigh}


def test_a_short_name_is_its_neighbours_and_an_order_against_the_blood_is_none():
    knee, thigh = VeinSegment.POPLITEAL, VeinSegment.FEMORAL
    short = np.array([knee] * 5 + [thigh] * 30, np.uint8)
    assert set(names_along(short, np.full(35, 2.0)).tolist()) == {thigh}
    against = np.array([thigh] * 30 + [knee] * 20, np.uint8)
    assert set(names_along(against, np.full(50, 2.0)).tolist()) == {thigh}


def test_unnamed_stays_unnamed():
    assert names_along(np.zeros(3, np.uint8), np.ones(3)).tolist() == [0, 0, 0]
