import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.laboratory.second_opinion.legs.canvas import Frame
from deepvein.laboratory.second_opinion.legs.leg import Leg
from deepvein.laboratory.second_opinion.legs.placing import Bed, place

SIDE = np.arange(-40.0, 40.0, 2.0)
FRAME = Frame(np.arange(4.0), SIDE, SIDE, 1.0, (1.0, 2.0, 2.0))
BED = Bed((1.0, 2.0, 2.0), together=1, columns=16, square=True, air=-1000.0)


@pytest.fixture
def one():
    """A disc with a vein on its outside, a superficial one over it in every second slice, and a thrombus."""
    shape = FRAME.shape
    far = np.hypot(SIDE[:, None], SIDE)
    body = np.broadcast_to(far < 35, shape).copy()
    veins = np.zeros(shape, np.uint8)
    veins[:, 18:24, 32:36] = VeinSegment.PERONEAL
    veins[1::2, 18:24, 32:36] = VeinSegment.GREAT_SAPHENOUS
    value = np.where(body, 50, -1000).astype(np.float32)
    thrombi = veins == VeinSegment.PERONEAL
    return Leg(value, veins, thrombi, body, None)


def test_right_and_left_are_mirrored_and_do_not_touch(one):
    scene = place(np.random.default_rng(0), {Side.RIGHT: one, Side.LEFT: one}, FRAME, BED)
    assert scene.value.shape[1] == scene.value.shape[2]
    assert (scene.value[:, :, np.abs(scene.x) < 1.0] < 0).all()
    for side, sign in ((Side.RIGHT, -1), (Side.LEFT, 1)):
        columns = np.nonzero(scene.veins == encode(VeinSegment.PERONEAL, side))[2]
        body = np.nonzero((scene.value > 0) & (sign * scene.x > 0))[2]
        assert sign * scene.x[columns].mean() > sign * scene.x[body].mean()


def test_thrombi_stay_in_their_veins(one):
    scene = place(np.random.default_rng(1), {Side.LEFT: one}, FRAME, BED)
    assert scene.thrombi.any()
    named = {encode(VeinSegment.PERONEAL, Side.LEFT)}
    assert set(scene.veins[scene.thrombi > 0].tolist()) == named


def test_thick_slices_are_means_and_prefer_deep_veins(one):
    thick = Bed((2.0, 2.0, 2.0), together=2, columns=16, square=False, air=-1000.0)
    scene = place(np.random.default_rng(2), {Side.RIGHT: one}, FRAME, thick)
    assert len(scene.value) == 2
    assert set(np.unique(scene.veins)) == {0, VeinSegment.PERONEAL}
    assert len(scene.y) < len(scene.x) + 40
