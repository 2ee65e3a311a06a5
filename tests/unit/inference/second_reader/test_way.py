import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.core.errors import GeometryError
from deepvein.inference.second_reader.way import STEP_MM, Way, alike, mates


def way(side: Side, low: int, high: int, segment: VeinSegment = VeinSegment.FEMORAL) -> Way:
    n = high - low
    return Way(
        side,
        np.arange(low, high),
        np.zeros((n, 2)),
        np.ones(n, bool),
        np.full(n, int(segment), np.uint8),
    )


def test_points_lie_on_the_levels():
    points = way(Side.LEFT, -3, 2).points_mm
    assert points[:, 2] == pytest.approx(STEP_MM * np.arange(-3, 2))


def test_the_mate_is_the_same_vein_of_the_other_leg():
    left = way(Side.LEFT, 0, 50)
    popliteal = way(Side.RIGHT, 0, 50, VeinSegment.POPLITEAL)
    near, far = way(Side.RIGHT, 10, 60), way(Side.RIGHT, 45, 90)
    assert [alike(left, one) for one in (popliteal, near, far)] == [0, 40, 5]
    assert mates((left, popliteal, far, near)) == (3, None, 0, 0)


def test_what_has_no_side_or_no_other_leg_has_no_mate():
    assert mates((way(Side.UNKNOWN, 0, 9), way(Side.UNKNOWN, 0, 9))) == (None, None)
    assert mates((way(Side.LEFT, 0, 9), way(Side.LEFT, 0, 9))) == (None, None)
    assert mates(()) == ()


def test_gaps_and_other_lengths_are_refused():
    with pytest.raises(GeometryError, match="consecutive"):
        Way(Side.LEFT, np.array([1, 3]), np.zeros((2, 2)), np.ones(2, bool), np.zeros(2, np.uint8))
    with pytest.raises(GeometryError, match="centres of shape"):
        Way(Side.LEFT, np.array([1, 2]), np.zeros((3, 2)), np.ones(2, bool), np.zeros(2, np.uint8))
