import numpy as np
import pytest

from deepvein.findings.fragments import Fragment, bridge
from deepvein.veins.side import LEFT, RIGHT, UNSIDED


def piece(points: list[tuple[float, float, float]], side: int = LEFT, segment: int = 7) -> Fragment:
    place = np.array(points, dtype=float)
    return Fragment(
        indices=place[:, ::-1].astype(np.int64),
        points_mm=place,
        sides=np.full(len(place), side, np.int8),
        segments=np.full(len(place), segment, np.uint8),
    )


def test_joined_if_near_and_continuous():
    one, near, far = piece([(0, 0, 0)]), piece([(0, 0, 9)]), piece([(0, 0, 30)])
    assert len(bridge([one, near, far], 10)) == 2
    assert len(bridge([one, near, far], 25)) == 1
    assert bridge([], 10) == []


@pytest.mark.parametrize(("segment", "count"), [(7, 1), (8, 1), (0, 1), (6, 2), (10, 2)])
def test_veins_at_the_facing_ends_must_continue_one_another(segment: int, count: int):
    assert len(bridge([piece([(0, 0, 0)]), piece([(0, 0, 5)], segment=segment)], 10)) == count


def test_a_midline_piece_joins_one_side_only_the_nearer():
    cava = piece([(0, 0, 10)], segment=1)
    left = piece([(2, 0, 2)], LEFT, 2)
    right = piece([(-5, 0, 2)], RIGHT, 2)
    joined = bridge([cava, left, right], 20)
    assert sorted(fragment.side for fragment in joined) == [RIGHT, LEFT]
    assert next(f for f in joined if f.side == LEFT).indices.shape == (2, 3)


def test_unknown_sides_join():
    assert len(bridge([piece([(0, 0, 0)], UNSIDED), piece([(0, 0, 5)], UNSIDED)], 10)) == 1


def test_joined_voxels_stay_in_array_order_and_keep_their_rows():
    low, high = piece([(1, 1, 1)], segment=7), piece([(1, 1, 4)], segment=8)
    (joined,) = bridge([high, low], 10)
    assert joined.indices[:, 0].tolist() == [1, 4]
    assert joined.segments.tolist() == [7, 8]


def test_a_chain_of_pieces_becomes_one():
    chain = [piece([(0, 0, 8.0 * n)]) for n in range(20)]
    (joined,) = bridge(chain, 8)
    assert len(joined.indices) == 20
