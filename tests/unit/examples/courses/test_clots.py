import numpy as np
import pytest

from deepvein.core.seeds import generator
from deepvein.examples.courses.clots import drawn_clot, drawn_length_mm
from deepvein.examples.courses.frame import PIXEL_MM, SIZE, Frame
from deepvein.examples.courses.lumen import Lumen, covered
from deepvein.examples.courses.scene import STEP_MM

N = 80
OFFSET = np.tile(((np.arange(SIZE) - (SIZE - 1) / 2) * PIXEL_MM).astype(np.float32), (N, 1))
LUMEN = Lumen(np.tile(np.float32([1 / 36, 0, 1 / 36]), (N, 1)), Frame(OFFSET, OFFSET))
SMOOTH = np.zeros((N, SIZE, SIZE), np.float32)


@pytest.mark.parametrize("seed", range(12))
def test_a_thrombus_lies_where_it_was_put_and_nowhere_else(seed):
    clot = drawn_clot(generator(seed, "clot"), N, 60.0, 40.0)
    z = (np.arange(N) - 40) * STEP_MM
    assert (clot.fill[np.abs(z) >= 30] == 0).all()
    assert (clot.fill[np.abs(z) < 10] > 0).all()
    part = np.minimum(clot.part(LUMEN, SMOOTH), covered(LUMEN.distance()))
    assert (part[np.abs(z) >= 30] == 0).all()
    assert part[40].sum() > 5
    assert (clot.widening[np.abs(z) >= 30] == 1).all()


def test_fill_is_the_share_of_the_lumen():
    found = {True: [], False: []}
    for seed in range(60):
        clot = drawn_clot(generator(seed, "fill"), N, 90.0, 40.0)
        share = np.minimum(clot.part(LUMEN, SMOOTH), covered(LUMEN.distance()))[40].sum()
        share /= covered(LUMEN.distance())[40].sum()
        if clot.soft_mm < 0.5:
            found[clot.mural].append((min(1.0, float(clot.fill[40]) ** 2), float(share)))
    for pairs in found.values():
        wanted, measured = np.array(pairs).T
        assert measured == pytest.approx(wanted, abs=0.12)


def test_half_of_the_thrombi_are_short():
    lengths = np.array([drawn_length_mm(generator(seed, "length")) for seed in range(400)])
    assert 0.35 < (lengths < 60).mean() < 0.7
    assert lengths.min() >= 8
    assert lengths.max() <= 600
