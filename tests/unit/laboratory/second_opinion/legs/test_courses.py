import numpy as np
import pytest

from deepvein.laboratory.second_opinion.legs.canvas import Frame
from deepvein.laboratory.second_opinion.legs.courses import Courses, Reach
from deepvein.laboratory.second_opinion.legs.shapes import shapes
from deepvein.laboratory.second_opinion.legs.subject import subject
from deepvein.studies.study import Modality

SIDE = np.arange(-95.0, 95.0, 2.5)
FRAME = Frame(np.arange(-60.0, 60.0, 4.0), SIDE, SIDE, 1.0, (4.0, 2.5, 2.5))
STILL = np.zeros(len(FRAME.level))


@pytest.fixture(scope="module")
def draw():
    rng = np.random.default_rng(5)
    return Courses(rng, FRAME, shapes(rng, FRAME, subject(rng, Modality.CT)))


def test_courses_are_pushed_out_of_bones_and_into_the_fascia(draw):
    for start in ((STILL, STILL + 4), (STILL, STILL + 90)):
        x, y = draw.clear(start, 2.0)
        assert FRAME.at(draw.form.bone, x, y).mean() > 0
        assert FRAME.at(draw.form.fascia, x, y).mean() < 0


def test_a_branch_leaves_its_own_way_for_its_parent(draw):
    parent = draw.vessel((STILL + 5, STILL + 30), 4.0)
    x, y = draw.into((STILL - 20, STILL + 40), parent, 20.0, 30.0)
    below, above = FRAME.level <= -10, FRAME.level >= 20
    assert x[below] == pytest.approx(-20)
    assert x[above] == pytest.approx(5)
    assert y[above] == pytest.approx(30)
    x, _ = draw.into((STILL - 20, STILL + 40), parent, 20.0, 30.0, below=False)
    assert x[FRAME.level <= 20] == pytest.approx(5)
    assert x[FRAME.level >= 50] == pytest.approx(-20)


def test_vessels_narrow_towards_the_ends_of_their_reach(draw):
    one = draw.vessel((STILL, STILL), 3.0, Reach(-30.0, 30.0, 10.0))
    assert (one.radius[np.abs(FRAME.level) >= 30] == 0).all()
    assert one.radius[np.abs(FRAME.level) < 20] == pytest.approx(3.0, rel=0.4)
    assert one.radius[np.flatnonzero(one.radius)[0]] < 2.5
    assert (one.tube.rx >= one.tube.ry).all()


def test_veins_under_the_skin_lie_between_fascia_and_skin(draw):
    x, y = draw.under_skin(STILL + np.pi / 2, STILL + 0.5)
    assert (FRAME.at(draw.form.fascia, x, y) > 0).all()
    assert (FRAME.at(draw.form.skin, x, y) < 0).all()
