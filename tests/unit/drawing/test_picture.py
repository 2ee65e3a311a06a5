import io

import numpy as np
from PIL import Image

from deepvein.drawing.picture import Picture
from deepvein.drawing.views import axial
from deepvein.drawing.windows import CT_VEINS
from deepvein.volumes.grid import AXIAL, Grid
from deepvein.volumes.volume import Volume

GRID = Grid.from_directions((5, 100, 100), (10.0, 2.0, 2.0), (-99.0, -99.0, 0.0), AXIAL)


def body() -> Picture:
    """A square body of 60 mm around x = 40, y = -20 mm in air."""
    array = np.full(GRID.shape, -1000, dtype=np.int16)
    array[:, 25:55, 55:85] = 60
    blank = Volume(np.zeros(GRID.shape, dtype=np.uint8), GRID)
    return Picture(Volume(array, GRID), blank, (), CT_VEINS)


def grey(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("L")).astype(int)


def test_a_section_is_cut_to_the_body_with_a_margin() -> None:
    picture = grey(body().draw_section(20.0, width_px=400))
    # 60 mm of body, 5 mm of margin on both sides and some millimetres of smoothing; square.
    assert abs(picture.shape[0] / picture.shape[1] - 1) < 0.02
    bright = picture > 60
    assert abs(bright[200].mean() - 60 / 80) < 0.06
    assert abs(bright[:, 200].mean() - 60 / 80) < 0.06


def test_noise_in_the_air_is_not_the_body() -> None:
    clean = body()
    noise = np.random.default_rng(1).random(GRID.shape) < 0.1
    array = np.where(noise & (clean.volume.array < 0), 0, clean.volume.array)
    noisy = Picture(Volume(array, GRID), clean.veins, (), CT_VEINS)
    height, width = grey(noisy.draw_section(20.0, width_px=400)).shape
    assert abs(height / width - 1) < 0.1
    assert (grey(noisy.draw_section(20.0, width_px=400)) > 100).mean() > 0.5


def test_a_section_of_nothing_is_shown_whole() -> None:
    empty = body()
    air = Volume(np.full(GRID.shape, -1000, dtype=np.int16), GRID)
    picture = Picture(air, empty.veins, (), CT_VEINS).draw_section(20.0, width_px=300)
    assert grey(picture).shape == (300, 300)


def test_the_grey_value_is_that_of_the_window() -> None:
    view = axial((40.0, -20.0, 20.0), 20, 20, 1.0)
    picture = grey(body().draw(view))
    # 60 HU is the middle of a window of level 60.
    assert abs(np.median(picture) - 127) < 4


def test_the_frame_of_what_is_magnified_is_seen_whole() -> None:
    framed = Image.open(io.BytesIO(body().draw_section(20.0, ((40.0, 5.0, 20.0), 90.0), 400)))
    yellow = np.asarray(framed.convert("RGB")).astype(int)
    lines = (yellow[..., 0] > 150) & (yellow[..., 2] < 110)
    rows, columns = np.nonzero(lines)
    # 90 mm across and down, and black beyond it on every side.
    assert abs(np.ptp(rows) - np.ptp(columns)) <= 3
    for places, size in zip((rows, columns), yellow.shape, strict=False):
        assert places.min() > 0
        assert places.max() < size - 1
