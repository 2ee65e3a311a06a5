import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deepvein.volumes.polygon import fill, outline


def test_a_square_drawn_by_hand():
    square = [(0.5, 1.5), (0.5, 4.5), (3.5, 4.5), (3.5, 1.5)]
    expected = np.zeros((5, 6), bool)
    expected[1:4, 2:5] = True
    np.testing.assert_array_equal(fill(square, (5, 6)), expected)
    np.testing.assert_array_equal(fill(square[::-1], (5, 6)), expected)


def test_a_keyhole_leaves_its_hole_empty():
    outer = [(-0.5, -0.5), (-0.5, 6.5), (6.5, 6.5), (6.5, -0.5), (-0.5, -0.5)]
    inner = [(1.5, 1.5), (1.5, 4.5), (4.5, 4.5), (4.5, 1.5), (1.5, 1.5)]
    filled = fill([*outer, *inner], (7, 7))
    assert filled.sum() == 49 - 9
    assert not filled[2:5, 2:5].any()


def test_neighbours_share_no_pixel_and_leave_none_out():
    left = [(0, 0), (0, 3), (4, 3), (4, 0)]
    right = [(0, 3), (0, 6), (4, 6), (4, 3)]
    a, b = fill(left, (6, 8)), fill(right, (6, 8))
    assert not (a & b).any()
    assert (a | b).sum() == 24


def test_what_encloses_nothing_fills_nothing():
    assert not fill([], (3, 3)).any()
    assert not fill([(0, 0), (2, 2)], (3, 3)).any()
    assert not fill([(10, 10), (10, 12), (12, 12)], (3, 3)).any()
    assert fill([(-9, -9), (-9, 9), (9, 9), (9, -9)], (3, 3)).all()


@given(st.floats(3, 12), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_a_circle_has_its_area(radius, row, column):
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    circle = np.stack(
        [15 + row + radius * np.sin(angles), 15 + column + radius * np.cos(angles)], axis=1
    )
    rows, columns = np.mgrid[:30, :30]
    distance = np.hypot(rows - 15 - row, columns - 15 - column)
    filled = fill(circle, (30, 30))
    assert filled[distance < radius - 0.05].all()
    assert not filled[distance > radius + 0.05].any()


def test_an_outline_is_a_pixel_a_line_or_a_ring():
    assert np.argwhere(outline([(1, 2)], (4, 5))).tolist() == [[1, 2]]
    assert np.argwhere(outline([(1, 0), (3, 2)], (4, 5))).tolist() == [[1, 0], [2, 1], [3, 2]]
    ring = np.ones((4, 5), bool)
    ring[1:3, 1:4] = False
    np.testing.assert_array_equal(outline([(0, 0), (0, 4), (3, 4), (3, 0)], (4, 5)), ring)
    assert outline([(0, -3), (0, 9)], (1, 4)).all()
    assert not outline([], (2, 2)).any()
