import numpy as np
import pytest

from deepvein.anatomy.veins import VeinSegment
from deepvein.laboratory.second_opinion.legs.canvas import Frame
from deepvein.laboratory.second_opinion.legs.leg import Illness, leg
from deepvein.laboratory.second_opinion.legs.subject import palette, subject
from deepvein.studies.study import Modality

SIDE = np.arange(-85.0, 85.0, 1.6)
FRAME = Frame(np.arange(-90.0, -20.0, 2.5), SIDE, SIDE, 1.0, (2.5, 1.6, 1.6))


def drawn(illness):
    rng = np.random.default_rng(8)
    person = subject(rng, Modality.CT)
    return leg(np.random.default_rng(9), FRAME, person, palette(rng, Modality.CT), illness)


@pytest.fixture(scope="module")
def healthy():
    return drawn(None)


@pytest.fixture(scope="module")
def ill():
    return drawn(Illness((VeinSegment.PERONEAL,), acute=True))


def test_a_healthy_leg_has_no_thrombus(healthy):
    assert healthy.thrombus is None
    assert not healthy.thrombi.any()


def test_a_thrombus_lies_in_a_vein_that_was_asked_for(ill):
    assert ill.thrombus.segment is VeinSegment.PERONEAL
    assert ill.thrombi.any()
    found, counts = np.unique(ill.veins[ill.thrombi], return_counts=True)
    assert found[counts.argmax()] == VeinSegment.PERONEAL


def test_the_same_leg_is_drawn_with_a_thrombus_and_without(healthy, ill):
    assert np.array_equal(healthy.body, ill.body)
    assert np.median(np.abs(healthy.value - ill.value)) == 0


def test_air_fat_muscle_and_bone_have_their_values(healthy):
    value = healthy.value
    assert (value[~healthy.body] < 0).mean() > 0.95
    assert np.median(value[~healthy.body]) == -1000
    within = value[healthy.body]
    for low, high in ((-115, -85), (45, 75), (900, 1500)):
        assert ((within > low) & (within < high)).mean() > 0.02
