from __future__ import annotations

import numpy as np
import pytest

from deepvein.phantoms.mr.settings import MrSettings
from deepvein.phantoms.mr.shim import Shim, UnevenField, sample_shim
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.shapes.tube import Pixels

PIXELS = Pixels(np.arange(-100.0, 100), np.arange(-80.0, 80))


def test_suppression_fails_within_a_ball_and_wholly_in_its_middle() -> None:
    place = UnevenField(20, -10, 300, 40, 1.0)
    failure = place.at(300, PIXELS)
    assert failure is not None
    assert failure[70, 120] == 1
    y, x = np.nonzero(failure)
    assert np.hypot(PIXELS.x_mm[x] - 20, PIXELS.y_mm[y] + 10).max() < 40
    weaker = place.at(320, PIXELS)
    assert weaker is not None
    assert weaker.max() < 1
    assert place.at(340.1, PIXELS) is None


def test_fat_and_water_fail_apart() -> None:
    shim = Shim((UnevenField(0, 0, 0, 30, 2.0), UnevenField(50, 0, 0, 30, 2.0, swapped=True)))
    fat, water = shim.failure(0, PIXELS), shim.failure(0, PIXELS, swapped=True)
    assert fat is not None
    assert water is not None
    assert fat[80, 100] == 1 == water[80, 150]
    assert fat[80, 150] == 0 == water[80, 100]
    window = shim.window(0, PIXELS)
    assert window is not None
    outside = np.ones(PIXELS.shape, bool)
    outside[window.place] = False
    assert not (fat + water)[outside].any()
    assert shim.window(31, PIXELS) is None
    assert shim.failure(31, PIXELS) is None


@pytest.mark.parametrize("chance", [0.0, 0.5])
def test_failures_are_as_frequent_as_the_setting_says(chance: float) -> None:
    settings = MrSettings(fat_failure=chance, water_swap_share=0.1)
    shims = [
        sample_shim(seed, Frame(sample_person(seed)), (0.0, 400.0), settings) for seed in range(60)
    ]
    count = np.mean([sum(not p.swapped for p in shim.places) for shim in shims])
    assert (count == 0) == (chance == 0)
    assert count < 30
    assert np.mean([any(p.swapped for p in s.places) for s in shims]) == pytest.approx(0.1, abs=0.1)


def test_more_trouble_keeps_the_places_that_were_there() -> None:
    frame = Frame(sample_person(4))
    few = sample_shim(4, frame, (0.0,), MrSettings(fat_failure=0.2, water_swap_share=0))
    many = sample_shim(4, frame, (0.0,), MrSettings(fat_failure=0.8, water_swap_share=0))
    assert set(few.places) < set(many.places)
