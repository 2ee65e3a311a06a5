import numpy as np
import pytest

from deepvein.laboratory.second_opinion.legs.canvas import Canvas, Frame, Tube

FRAME = Frame(
    level=np.arange(3.0),
    x=np.arange(-20, 20, 0.5),
    y=np.arange(-15, 15, 0.5),
    scale=2.0,
    spacing_mm=(2.0, 1.0, 1.0),
)
STILL = np.zeros(3)
TUBE = Tube(STILL + 4, STILL - 3, np.array([6.0, 0.0, 3.0]), np.array([2.0, 5.0, 3.0]), STILL + 0.7)


@pytest.fixture
def canvas():
    return Canvas(FRAME, np.full(FRAME.shape, -100, np.float32))


def test_a_tube_has_the_area_of_its_ellipses(canvas):
    canvas.fill(TUBE, 0.0)
    painted = (canvas.value + 100).sum(axis=(1, 2)) / 100 * 0.25
    wanted = [np.pi * 12, 0, np.pi * 9]
    assert painted == pytest.approx(wanted, rel=0.04)
    assert canvas.inside(TUBE).sum(axis=(1, 2)) * 0.25 == pytest.approx(wanted, rel=0.04)


def test_a_tube_may_change_its_value_along_itself(canvas):
    canvas.fill(TUBE, np.array([10.0, 20.0, 30.0]))
    assert [float(one.max()) for one in canvas.value] == [10, -100, 30]


def test_a_tube_outside_the_frame_paints_nothing(canvas):
    canvas.fill(Tube(STILL + 500, STILL, STILL + 3, STILL + 3, STILL), 50.0)
    assert (canvas.value == -100).all()


def test_a_wider_tube_is_absent_where_the_tube_is():
    assert TUBE.wider(1.5).rx.tolist() == [7.5, 0, 4.5]


def test_edges_are_a_pixel_wide(canvas):
    distance = np.array([-0.25, 0.0, 0.25], np.float32)
    assert canvas.share(distance).tolist() == [1, 0.5, 0]


def test_volumes_are_read_along_courses():
    ramp = np.broadcast_to(FRAME.x.astype(np.float32), FRAME.shape)
    assert FRAME.at(np.ascontiguousarray(ramp), STILL + 3.2, STILL) == pytest.approx([3.2] * 3)
