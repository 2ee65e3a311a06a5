import numpy as np
import pytest

from deepvein.anatomy.veins import Level, VeinSegment
from deepvein.findings.shares import SegmentShare, level, reach_mm, shares
from deepvein.volumes.grid import Grid

GRID = Grid.from_directions((10, 4, 4), (2.0, 1.0, 1.0))


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


def test_reach_counts_half_a_voxel_on_each_end():
    assert reach_mm(np.array([(0, 0, 4.0)]), GRID) == (3.0, 5.0)
