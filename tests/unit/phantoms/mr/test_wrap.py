from __future__ import annotations

import numpy as np
import pytest

from deepvein.anatomy.tissues import Tissue
from deepvein.anatomy.veins import Side
from deepvein.phantoms.canvas import Canvas
from deepvein.phantoms.mr.palette import MrPalette
from deepvein.phantoms.mr.settings import MrSettings
from deepvein.phantoms.mr.wrap import Arm, fold
from deepvein.phantoms.tube import Pixels


def test_what_lies_outside_comes_in_on_the_other_side() -> None:
    wide = np.zeros((1, 14), np.float32)
    wide[0, 1], wide[0, 11] = 10, 20  # one column left of the field of view, and one right of it
    inner = fold(wide, 2, 0.5)
    assert inner.shape == (1, 10)
    assert np.flatnonzero(inner[0]).tolist() == [9]
    wide[0, 12] = 4
    assert fold(wide, 2, 0.5)[0].tolist() == [2, 0, 0, 0, 0, 0, 0, 0, 0, 25]


def test_without_margins_nothing_changes() -> None:
    wide = np.arange(8, dtype=np.float32)[None]
    assert fold(wide, 0, 0.7) is wide


@pytest.mark.parametrize("z", [5.0, 150.0, 390.0])
def test_an_arm_is_muscle_around_two_bones(z: float) -> None:
    pixels = Pixels(np.arange(-60.0, 60), np.arange(-60.0, 60))
    palette = MrPalette(MrSettings(), 0.9)
    canvas = Canvas(pixels, palette, z, (z,))
    Arm(Side.LEFT, 0, 0, 0, 400, 38).paint(canvas)
    assert canvas.value[60, 60] == pytest.approx(palette.tissue(Tissue.MUSCLE), rel=0.01)
    bone = np.abs(canvas.value - palette.tissue(Tissue.FATTY_MARROW)) < 1
    assert bone[:60].any()
    assert bone[60:].any()
    assert canvas.value[0, 0] == 0
    assert not canvas.segments.any()


def test_beyond_its_ends_there_is_no_arm() -> None:
    pixels = Pixels(np.arange(-60.0, 60), np.arange(-60.0, 60))
    for z in (-1.0, 401.0):
        canvas = Canvas(pixels, MrPalette(MrSettings(), 0.9), z, (z,))
        Arm(Side.LEFT, 0, 0, 0, 400, 38).paint(canvas)
        assert not canvas.value.any()
