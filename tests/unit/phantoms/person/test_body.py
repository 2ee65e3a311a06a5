from __future__ import annotations

import numpy as np
import pytest

from deepvein.anatomy.tissues import Tissue, attenuation
from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.person.body import Body
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels

FRAME = Frame(sample_person(8))
BODY = Body(FRAME.person, FRAME)
PIXELS = Pixels(np.arange(-260, 260, 2.0), np.arange(-190, 190, 2.0))


def painted(t: float) -> Canvas:
    z = float(FRAME.z(t))
    canvas = Canvas(PIXELS, CtPalette(120), z, (z,))
    assert BODY.paint(canvas) is not None
    return canvas


@pytest.mark.parametrize("t", [0.3, 0.7, 1.2, 1.6])
def test_two_legs_of_fat_and_muscle_in_air(t: float) -> None:
    value = painted(t).value
    middle = value[:, np.abs(PIXELS.x_mm) > 15]
    assert (value[[0, -1]] == -1000).all()
    muscle = np.abs(middle - attenuation(Tissue.MUSCLE, 120)) < 15
    fat = np.abs(middle - attenuation(Tissue.FAT, 120)) < 15
    assert muscle.sum() > 0.2 * (middle > -500).sum()
    assert fat.sum() > 0.05 * (middle > -500).sum()


def test_legs_are_apart_at_the_calf_and_one_body_at_the_pelvis() -> None:
    assert (painted(0.5).value[:, np.abs(PIXELS.x_mm) < 2] < -900).all()
    assert (painted(2.4).value[:, np.abs(PIXELS.x_mm) < 2] > -200).any()


def test_the_body_is_as_wide_as_it_says() -> None:
    for t in (0.7, 1.6, 2.4):
        columns = np.flatnonzero((painted(t).value > -500).any(axis=0))
        reach = np.abs(PIXELS.x_mm[columns]).max()
        assert reach <= BODY.half_width_mm(t) + 3
        assert reach >= BODY.half_width_mm(t) - 15


def test_the_table_lies_behind_everything() -> None:
    t = np.linspace(0.1, 2.9, 12)
    low = BODY.lowest_mm(t)
    for at in t:
        rows = np.flatnonzero((painted(float(at)).value > -500).any(axis=1))
        assert PIXELS.y_mm[rows].max() <= low + 5
        assert -PIXELS.y_mm[rows].min() <= BODY.front_mm(t) + 5


def test_no_body_beyond_the_field() -> None:
    far = Pixels(np.arange(400.0, 420), np.arange(0.0, 20))
    z = float(FRAME.z(1.5))
    assert BODY.paint(Canvas(far, CtPalette(120), z, (z,))) is None


def test_the_buttocks_are_flat_on_the_table() -> None:
    value = painted(2.2).value
    low = BODY.lowest_mm(np.linspace(0.1, 2.9, 30))
    inside = value > -500
    rows = np.flatnonzero(inside.any(axis=1))
    assert low - 4 < PIXELS.y_mm[rows].max() <= low
    flat = inside[rows.max()].sum() * 2.0
    assert flat > 60
