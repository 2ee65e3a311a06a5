from __future__ import annotations

import numpy as np

from deepvein.anatomy.tissues import Tissue, attenuation
from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels

PIXELS = Pixels(np.arange(0.0, 10), np.arange(0.0, 8))


def test_a_new_canvas_is_air_without_labels() -> None:
    canvas = Canvas(PIXELS, CtPalette(120), 0.0, (0.0,))
    assert canvas.value.shape == (8, 10)
    assert (canvas.value == -1000).all()
    assert not any(plane.any() for plane in canvas.labels)


def test_a_part_of_a_pixel_mixes_in_proportion() -> None:
    canvas = Canvas(PIXELS, CtPalette(120), 0.0, (0.0,))
    window = PIXELS.window(2, 5, 1, 3)
    assert window is not None
    part = np.full((2, 3), 0.25, dtype=np.float32)
    canvas.lay_tissue(window, part, Tissue.MUSCLE)
    expected = -1000 + 0.25 * (attenuation(Tissue.MUSCLE, 120) + 1000)
    assert np.allclose(canvas.value[1:3, 2:5], expected)
    assert (canvas.value == -1000).sum() == 80 - 6
