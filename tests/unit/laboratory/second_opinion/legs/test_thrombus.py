import numpy as np
import pytest

from deepvein.anatomy.veins import VeinSegment
from deepvein.laboratory.second_opinion.legs.canvas import Canvas, Frame
from deepvein.laboratory.second_opinion.legs.courses import Vessel
from deepvein.laboratory.second_opinion.legs.thrombus import LENGTHS_MM, thrombus

LEVEL = np.arange(-60.0, 140.0, 2.0)
FRAME = Frame(LEVEL, np.arange(-15, 15, 0.5), np.arange(-15, 15, 0.5), 1.0, (2.0, 0.5, 0.5))
FLAT = np.zeros(len(LEVEL))


def vein(segment, radius):
    return Vessel((FLAT, FLAT), FLAT + radius, FLAT + 1.4, FLAT + 0.6, segment=segment)


VEINS = [vein(VeinSegment.POPLITEAL, 4.0), vein(VeinSegment.SOLEAL, 2.0), vein(None, 3.0)]


@pytest.mark.parametrize("acute", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_a_thrombus_stays_in_its_vein(seed, acute):
    rng = np.random.default_rng(seed)
    clot = thrombus(rng, FRAME, VEINS, {VeinSegment.POPLITEAL}, acute)
    canvas = Canvas(FRAME, np.zeros(FRAME.shape, np.float32))
    inside, lumen = canvas.inside(clot.tube), canvas.inside(clot.vein.tube)
    assert inside.any()
    assert lumen[inside].mean() > 0.99
    slices = np.flatnonzero(clot.there > 0)
    assert len(slices) * 2.0 == pytest.approx(clot.length_mm, abs=4)
    assert LENGTHS_MM[0] <= clot.length_mm <= LENGTHS_MM[1]
    middle = LEVEL[slices].mean()
    assert clot.segment is (VeinSegment.FEMORAL if middle > 100 else VeinSegment.POPLITEAL)


def test_acute_thrombi_widen_their_veins_and_chronic_ones_narrow_them():
    for acute, wider in ((True, True), (False, False)):
        clot = thrombus(np.random.default_rng(1), FRAME, VEINS, {VeinSegment.POPLITEAL}, acute)
        assert (clot.vein.radius[clot.there == 1] > 4.0).all() == wider
        assert clot.vein.radius[clot.there == 0] == pytest.approx(4.0)
        assert clot.occlusive in {acute, False}
        assert acute or clot.oedema == 0


def test_it_lies_in_the_veins_that_are_asked_for_or_else_in_another_deep_one():
    rng = np.random.default_rng(2)
    assert thrombus(rng, FRAME, VEINS, {VeinSegment.SOLEAL}, True).number == 1
    assert thrombus(rng, FRAME, VEINS, {VeinSegment.PERONEAL}, True).number in {0, 1}


def test_a_thin_vein_is_taken_at_last_and_a_short_one_never():
    rng = np.random.default_rng(3)
    assert thrombus(rng, FRAME, [vein(VeinSegment.PERONEAL, 1.0)], {VeinSegment.SOLEAL}, True)
    short = vein(VeinSegment.PERONEAL, np.where(np.abs(LEVEL) < 8, 2.0, 0.0))
    assert thrombus(rng, FRAME, [short], {VeinSegment.PERONEAL}, True) is None
