import numpy as np
import pytest

from deepvein.studies.masks.planes import Contour, draw
from deepvein.volumes.grid import Grid

GRID = Grid.from_directions((12, 20, 24), (10.0, 1.0, 1.0))


def square(depth, low, high, exclusive=False):
    corners = [(low, low), (low, high), (high, high), (high, low)]
    return Contour(depth, np.array(corners, float), exclusive)


def areas(*contours):
    mask, remarks = draw("clot", contours, GRID)
    return [int(plane.sum()) for plane in mask], remarks


def test_contours_finer_than_slices_leave_no_slice_empty():
    found, remarks = areas(*(square(depth, 4.5, 9.5) for depth in np.arange(3.0, 8.0, 0.3)))
    assert found == [0, 0, 0, 25, 25, 25, 25, 25, 25, 0, 0, 0]
    assert "0.30 slices apart" in remarks[0]


def test_each_slice_shows_the_nearest_plane():
    found, _ = areas(square(3.6, 4.5, 8.5), square(4.1, 4.5, 9.5), square(4.5, 4.5, 11.5))
    assert found[3:6] == [0, 25, 49]


def test_holes_and_islands_nest():
    found, _ = areas(
        square(2, 8.5, 9.5), square(2, 2.5, 16.5), square(2, 7.5, 11.5), square(2, 5.5, 13.5)
    )
    assert found[2] == 14**2 - 8**2 + 4**2 - 1


@pytest.mark.parametrize("exclusive", [False, True])
def test_a_hole_is_a_hole_in_both_types(exclusive):
    found, _ = areas(square(2, 2.5, 12.5, exclusive), square(2, 5.5, 8.5, exclusive))
    assert found[2] == 100 - 9


def test_a_contour_given_twice_counts_once():
    assert areas(square(2, 2.5, 6.5), square(2, 2.5, 6.5))[0][2] == 16


def test_contours_that_overlap_a_little_are_joined():
    assert areas(square(2, 2.5, 8.5), square(2, 6.5, 12.5))[0][2] == 36 + 36 - 4
    apart = areas(square(2, 2.5, 8.5, True), square(2, 6.5, 12.5, True))
    assert apart[0][2] == 36 + 36 - 8


@pytest.mark.parametrize("shift", [1, 2, 3, 5])
def test_contours_that_cross_are_joined_however_much_they_share(shift):
    found, _ = areas(square(2, 2.5, 10.5), square(2, 2.5 + shift, 10.5 + shift))
    assert found[2] == 64 + 64 - (8 - shift) ** 2
    small = areas(square(2, 2.5, 12.5), square(2, 10.5 - shift, 13.5))
    assert small[0][2] == 100 + (3 + shift) ** 2 - (2 + shift) ** 2


def test_a_hole_stays_a_hole_in_regions_drawn_piece_by_piece():
    hole = square(2, 6.5, 8.5)
    assert areas(square(2, 2.5, 10.5), square(2, 4.5, 12.5), hole)[0][2] == 128 - 36 - 4


def test_a_hole_may_touch_the_edge():
    assert areas(square(2, 2.5, 10.5), square(2, 2.5, 5.5))[0][2] == 64 - 9


def test_a_keyhole_keeps_its_hole():
    outer = [(2.5, 2.5), (2.5, 12.5), (12.5, 12.5), (12.5, 2.5), (2.5, 2.5)]
    inner = [(5.5, 5.5), (8.5, 5.5), (8.5, 8.5), (5.5, 8.5), (5.5, 5.5)]
    assert areas(Contour(2, np.array(outer + inner), False))[0][2] == 100 - 9


def test_outlines_through_pixel_centres_belong_to_the_region():
    assert areas(square(2, 5, 7))[0][2] == 9
    assert areas(square(2, 2, 12), square(2, 4, 8))[0][2] == 121 - 9
    one = Contour(3, np.array([(5.0, 5.0)]), False)
    two = Contour(4, np.array([(5.0, 5.0), (5.0, 8.0)]), False)
    found, remarks = areas(square(2, 5, 7), one, two)
    assert found[2:5] == [9, 1, 4]
    assert remarks == ()


def test_one_and_two_points_between_other_outlines_are_left_out():
    few = [Contour(3, np.array([(5.0, 5.0)]), False), Contour(4, np.array([(5.0, 5.0)] * 2), False)]
    found, remarks = areas(square(2, 4.5, 7.5), *few)
    assert (found[2], sum(found)) == (9, 9)
    assert remarks == ("2 contours of region clot have one or two points and were left out",)


def test_what_stays_empty_is_said():
    assert "3.0 slices apart; the slices between" in areas(square(2, 4, 8), square(5, 4, 8))[1][0]
    tiny = Contour(2, np.array([(5.2, 5.2), (5.2, 5.6), (5.6, 5.6)]), False)
    assert areas(tiny)[1] == ("region clot marks no voxel",)


def traced(mask):
    """Border pixels of each outline in order, as tracing programs write them (Moore neighbours)."""
    steps = [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)]
    start = tuple(np.argwhere(mask)[0])
    path, here, heading = [start], start, 0
    while True:
        for turn in range(8):
            way = (heading + 5 + turn) % 8
            there = (here[0] + steps[way][0], here[1] + steps[way][1])
            if mask[there]:
                break
        if there == start and len(path) > 2:
            return np.array(path, float)
        here, heading = there, way
        path.append(here)


@pytest.mark.parametrize("radius", [1.0, 1.5, 2.3, 4.0, 6.7])
def test_a_traced_disc_comes_back_whole(radius):
    rows, columns = np.mgrid[:20, :24]
    disc = np.hypot(rows - 9, columns - 11) <= radius
    mask, _ = draw("disc", [Contour(6.0, traced(disc), False)], GRID)
    np.testing.assert_array_equal(mask[6], disc)
