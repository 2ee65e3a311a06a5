from __future__ import annotations

import numpy as np
import pytest

from deepvein.anatomy.tissues import TISSUES, Tissue
from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Ellipse, Pixels
from deepvein.phantoms.thrombosis.stranding import Stranding

VEIN = Ellipse(0.0, 0.0, 1 / 16, 0.0, 1 / 16)
OFFSETS = np.arange(-20, 20.1, 0.5)
DISTANCE = np.hypot(OFFSETS, OFFSETS[:, None])


def paint(background: Tissue, z: float = 100.0) -> Canvas:
    canvas = Canvas(Pixels(OFFSETS, OFFSETS), CtPalette(120), z, (z,))
    canvas.value[:] = canvas.palette.tissue(background)
    Stranding("x", 50.0, 150.0, 0.9, 8.0, 1).paint(canvas, VEIN)
    return canvas


def test_fat_near_the_vein_turns_towards_water_and_fat_far_away_stays() -> None:
    value = paint(Tissue.FAT).value
    fat = TISSUES[Tissue.FAT].hu
    near = value[(DISTANCE > 4) & (DISTANCE < 6)]
    assert near.mean() > fat + 15
    assert near.max() < TISSUES[Tissue.OEDEMA].hu
    assert near.std() > 5
    assert value[DISTANCE > 12.5] == pytest.approx(fat)


def test_muscle_stays_as_it_is() -> None:
    muscle = CtPalette(120).tissue(Tissue.MUSCLE)
    assert paint(Tissue.MUSCLE).value == pytest.approx(muscle, abs=1e-3)


def test_it_ends_where_it_ends() -> None:
    assert paint(Tissue.FAT, 151.0).value == pytest.approx(TISSUES[Tissue.FAT].hu)
