import itertools

import numpy as np
import pytest

from deepvein.anatomy.veins import Level, VeinSegment
from deepvein.veins.naming import (
    SegmentShare,
    are_continuous,
    confluence_x_mm,
    level,
    names_along,
    nearest_segments,
    reach_mm,
    shares,
)
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

GRID = Grid.from_directions((10, 4, 4), (2.0, 1.0, 1.0))


def test_voxels_take_the_nearest_territory_and_none_outside():
    array = np.zeros((2, 1, 1), np.uint8)
    array[:, 0, 0] = VeinSegment.POPLITEAL, VeinSegment.FEMORAL
    territories = Volume(array, Grid.from_directions((2, 1, 1), (10.0, 10.0, 10.0)))
    points = np.array([(0, 0, 4.9), (0, 0, 5.1), (4.9, -4.9, 14.9), (0, 0, 24.9), (0, 0, -15.1)])
    assert nearest_segments(points, territories).tolist() == [8, 7, 7, 7, 0]
    assert nearest_segments(np.zeros((0, 3)), territories).tolist() == []


def test_the_confluence_lies_where_the_vena_cava_begins():
    array = np.zeros((6, 1, 5), np.uint8)
    array[2:, 0, 1] = VeinSegment.INFERIOR_VENA_CAVA
    array[5, 0, :] = VeinSegment.INFERIOR_VENA_CAVA
    territories = Volume(array, Grid.from_directions((6, 1, 5), (10.0, 10.0, 10.0)))
    assert confluence_x_mm(territories) == pytest.approx(10.0)
    array[:] = 0
    assert confluence_x_mm(territories) is None


def test_shares_by_volume_and_extent_without_crumbs():
    segments = np.array([8] * 60 + [7] * 38 + [6] * 2 + [0] * 50, np.uint8)
    points = np.zeros((150, 3))
    points[:60, 2] = np.repeat(np.arange(0, 12, 2), 10)
    named = shares(segments, points, GRID)
    assert [share.segment for share in named] == [VeinSegment.POPLITEAL, VeinSegment.FEMORAL]
    # 60 voxels of 2 mm³ are 0.12 ml; centres from 0 to 10 mm reach from -1 to 11 mm.
    assert named[0] == SegmentShare(VeinSegment.POPLITEAL, pytest.approx(0.12), pytest.approx(12.0))


def test_no_voxel_named_gives_no_share_and_counts_as_proximal():
    named = shares(np.zeros(5, np.uint8), np.zeros((5, 3)), GRID)
    assert named == ()
    assert level(named) is Level.PROXIMAL


@pytest.mark.parametrize("segment", [s for s in VeinSegment if s.is_deep])
def test_level_is_distal_only_if_all_of_it_is(segment: VeinSegment):
    calf = SegmentShare(VeinSegment.PERONEAL, 5.0, 100.0)
    expected = Level.DISTAL if segment >= VeinSegment.ANTERIOR_TIBIAL else Level.PROXIMAL
    assert level((calf, SegmentShare(segment, 0.5, 10.0))) is expected


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


def test_reach_counts_half_a_voxel_on_each_end():
    assert reach_mm(np.array([(0, 0, 4.0)]), GRID) == (3.0, 5.0)


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
