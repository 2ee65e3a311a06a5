from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.veins import Side
from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.mimics.plaque import Plaque, sample_plaques
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels, Tube
from deepvein.phantoms.vessels.vascular_tree import Vessel, grow

PERSON = sample_person(1)
VESSELS = grow(Frame(PERSON))
ARTERY = Vessel("a", Side.LEFT, None, Tube(0.0, np.tile([0.0, 0.0, 4.0, 4.0, 0.0], (101, 1))))
OFFSETS = np.arange(-10, 10, 0.5)


def painted(open_share: float) -> Canvas:
    plaque = Plaque(ARTERY, 20, 180, (open_share,) * 14, (1.0, 0.0), 0.0, 0.0, 1)
    canvas = Canvas(Pixels(OFFSETS, OFFSETS), CtPalette(120), 100.0, (100.0,))
    canvas.value[:] = 120.0
    plaque.paint(canvas)
    return canvas


def test_a_closed_artery_is_dark_over_its_whole_lumen() -> None:
    dark = painted(0.0).value < 80
    assert dark.sum() * 0.25 == pytest.approx(np.pi * 16, rel=0.08)


def test_a_plaque_leaves_a_channel_on_its_side_and_no_label() -> None:
    canvas = painted(0.6)
    dark = canvas.value < 80
    assert dark.sum() * 0.25 == pytest.approx(np.pi * 16 * (1 - 0.36), rel=0.12)
    assert dark[:, OFFSETS < 0].sum() > 2 * dark[:, OFFSETS > 0].sum()
    assert not canvas.thrombi.any()


def test_veins_are_spared() -> None:
    plaque = Plaque(ARTERY, 20, 180, (0.0,) * 14, (1.0, 0.0), 0.0, 0.0, 1)
    canvas = Canvas(Pixels(OFFSETS, OFFSETS), CtPalette(120), 100.0, (100.0,))
    canvas.segments[:] = 7
    before = canvas.value.copy()
    plaque.paint(canvas)
    assert np.array_equal(before, canvas.value)


def test_the_old_have_more_than_the_young() -> None:
    def count(age: float) -> int:
        person = replace(PERSON, age_years=age)
        return sum(len(sample_plaques(s, person, VESSELS, 0.25, 0.03)) for s in range(20))

    assert count(40) == 0
    assert 0 < count(55) < count(85)
