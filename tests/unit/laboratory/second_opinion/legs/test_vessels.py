import numpy as np
import pytest

from deepvein.anatomy.veins import VeinSegment
from deepvein.laboratory.second_opinion.legs.canvas import Frame
from deepvein.laboratory.second_opinion.legs.courses import Courses
from deepvein.laboratory.second_opinion.legs.shapes import shapes
from deepvein.laboratory.second_opinion.legs.subject import subject
from deepvein.laboratory.second_opinion.legs.vessels import vessels
from deepvein.studies.study import Modality

SIDE = np.arange(-95.0, 95.0, 2.0)
FRAME = Frame(np.arange(-140.0, 60.0, 4.0), SIDE, SIDE, 1.0, (4.0, 2.0, 2.0))


@pytest.fixture(scope="module")
def courses():
    rng = np.random.default_rng(5)
    return Courses(rng, FRAME, shapes(rng, FRAME, subject(rng, Modality.CT)))


@pytest.fixture(scope="module")
def drawn(courses):
    return vessels(courses)


def test_the_main_vein_lies_within_the_fascia_and_outside_bones(courses, drawn):
    artery, vein = drawn[:2]
    assert artery.artery
    assert vein.segment is VeinSegment.POPLITEAL
    there = vein.radius > 2
    assert (FRAME.at(courses.form.bone, *vein.course)[there] > 1).all()
    assert (FRAME.at(courses.form.fascia, *vein.course)[there] < -1).all()


def test_the_main_vein_does_not_cross_its_artery(drawn):
    artery, vein = drawn[:2]
    apart = np.hypot(*(v - a for v, a in zip(vein.course, artery.course, strict=True)))
    there = vein.radius > 2
    assert (apart > 0.9 * (artery.radius + vein.radius))[there].all()


def test_branches_meet_the_main_vein(drawn):
    vein = drawn[1]
    branches = [one for one in drawn if one.segment is VeinSegment.GASTROCNEMIUS]
    assert branches
    for one in branches:
        top = np.flatnonzero(one.radius)[-1]
        apart = np.hypot(*(b[top] - v[top] for b, v in zip(one.course, vein.course, strict=True)))
        assert apart < vein.radius[top] + 3


def test_a_calf_has_three_pairs_of_deep_veins(drawn):
    for segment in (
        VeinSegment.POSTERIOR_TIBIAL,
        VeinSegment.PERONEAL,
        VeinSegment.ANTERIOR_TIBIAL,
    ):
        pair = [one for one in drawn if one.segment is segment]
        assert len(pair) == 2
        assert all(one.radius[0] > 0 and one.radius[-1] == 0 for one in pair)
