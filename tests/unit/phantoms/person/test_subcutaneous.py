from __future__ import annotations

import numpy as np
import pytest

from deepvein.anatomy.tissues import Tissue, attenuation
from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.person.subcutaneous import SKIN_MM, Layers, paint_fat, sheet
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels, Pixels32

PIXELS = Pixels(np.arange(0.0, 40.0, 0.25), np.arange(0.0, 5.0, 0.25))


def painted(wet: float | None = None) -> Pixels32:
    """(columns,) a profile from air through skin and 20 mm of fat, without septa, to the fascia."""
    canvas = Canvas(PIXELS, CtPalette(120), 0.0, (0.0,))
    window = PIXELS.window(-1, 41, -1, 6)
    assert window is not None
    x = np.tile(window.x, (len(window.y), 1))
    skin, fascia = np.float32(10) - x, np.float32(30) - x
    zero, one = np.zeros_like(x), np.ones_like(x)
    water = None if wet is None else np.full(len(window.x), wet, dtype=np.float32)
    paint_fat(canvas, Layers(window, skin, fascia, zero, one, water))
    profile: Pixels32 = canvas.value[3]
    return profile


def test_from_outside_there_are_air_skin_fat_and_one_sheet_half_way() -> None:
    value, x = painted(), PIXELS.x_mm
    assert (value[x < 9.5] == -1000).all()
    assert value[(x > 10.3) & (x < 10 + SKIN_MM - 0.3)] == pytest.approx(
        attenuation(Tissue.SKIN, 120), abs=1
    )
    fat = attenuation(Tissue.FAT, 120)
    bright = x[(value > fat + 10) & (x > 13)]
    # 0.45 of the depth equals 0.55 of the height over the fascia 11 mm under the skin.
    assert bright.mean() == pytest.approx(21.0, abs=0.5)
    assert np.ptp(bright) < 2
    assert value[(x > 13) & (x < 18)] == pytest.approx(fat, abs=1)


def test_water_lies_on_the_fascia_most_of_all() -> None:
    dry, wet = painted(0.0), painted(1.0)
    assert dry == pytest.approx(painted(), abs=0.01)
    more, x = wet - dry, PIXELS.x_mm
    assert more[np.abs(x - 30) < 0.5].min() > 50
    assert 5 < more[np.abs(x - 16) < 0.5].mean() < 30


def test_a_sheet_fills_its_thickness_on_average() -> None:
    for size in (0.5, 1.0, 2.0):
        grid = np.arange(-10, 10, size)
        found = [
            sheet((grid + shift * size)[None].astype(np.float32), size).sum() * size
            for shift in np.arange(0, 1, 0.1)
        ]
        assert np.mean(found) == pytest.approx(0.6, rel=0.1)
