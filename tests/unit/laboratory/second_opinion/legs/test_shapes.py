import numpy as np
import pytest

from deepvein.laboratory.second_opinion.legs.anatomy import CELLS
from deepvein.laboratory.second_opinion.legs.canvas import Frame
from deepvein.laboratory.second_opinion.legs.shapes import ANGLES, shapes
from deepvein.laboratory.second_opinion.legs.subject import subject
from deepvein.studies.study import Modality

SIDE = np.arange(-95.0, 95.0, 2.5)


@pytest.fixture(scope="module")
def form():
    frame = Frame(np.arange(-100.0, 60.0, 8.0), SIDE, SIDE, 1.0, (8.0, 2.5, 2.5))
    rng = np.random.default_rng(1)
    return shapes(rng, frame, subject(rng, Modality.CT))


def test_bones_lie_in_the_fascia_and_the_fascia_in_the_skin(form):
    assert (form.skin < form.fascia).all()
    assert (form.fascia[form.bone < -1] < 2).mean() > 0.99
    assert form.fascia_at.shape == form.fat_at.shape == (20, ANGLES)


def test_each_bone_is_at_its_levels(form):
    assert set(form.bones) == {"femur", "tibia", "fibula", "patella"}
    level = np.arange(-100.0, 60.0, 8.0)
    there = {name: (distance < 0).any(axis=(1, 2)) for name, distance in form.bones.items()}
    assert there["femur"][level > 5].all()
    assert not there["femur"][level < -5].any()
    assert there["tibia"][level < -10].all()
    assert there["fibula"][level < -40].all()
    assert not there["patella"][level < -10].any()


def test_the_fibula_is_on_the_outside(form):
    columns = np.nonzero(form.bones["fibula"] < 0)[2]
    assert SIDE[columns].mean() > 15


def test_calves_have_their_muscles_where_they_belong(form):
    names = list(CELLS)
    low = form.cell[:3]
    where = {
        name: [SIDE[axis].mean() for axis in np.nonzero(low == names.index(name))[1:]]
        for name in ("tibialis anterior", "soleus", "medial gastrocnemius", "lateral gastrocnemius")
    }
    assert where["tibialis anterior"][0] < where["soleus"][0]
    assert where["medial gastrocnemius"][1] < where["lateral gastrocnemius"][1]
    assert (form.gap >= 0).all()
