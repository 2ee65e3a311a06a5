import numpy as np
import pytest

from deepvein.core.seeds import generator
from deepvein.examples.courses.look import AIR, drawn_look, normalised
from deepvein.studies.study import Modality


@pytest.mark.parametrize("modality", Modality)
def test_thrombi_are_darker_than_the_blood_beside_them(modality):
    rng = generator(0, "look")
    for _ in range(100):
        look = drawn_look(rng, modality)
        assert look.clot_value(rng, True) < look.vein
        assert look.enhanced(0.0) == pytest.approx(look.blood)
        assert look.enhanced(1.0) == pytest.approx(look.vein)


def test_muscle_is_near_zero_and_a_vein_near_one():
    values = np.float32([-1000, 55, 138])
    assert normalised(values, Modality.CT) == pytest.approx([AIR[Modality.CT], 0, 1], abs=0.01)
    values = np.float32([0, 1, 2])
    assert normalised(values, Modality.MR) == pytest.approx([AIR[Modality.MR], 0, 1])


def test_mr_shows_muscle_brighter_than_suppressed_fat_and_cortex():
    looks = [drawn_look(generator(seed, "mr"), Modality.MR) for seed in range(80)]
    fat, muscle, cortex = np.array([one.tissue(np.float32([-100, 58, 1250])) for one in looks]).T
    assert np.median(fat) < 0.6
    assert np.median(muscle) == pytest.approx(1, abs=0.1)
    assert cortex.max() < 0.2
