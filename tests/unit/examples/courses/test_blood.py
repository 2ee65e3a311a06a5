import numpy as np
import pytest

from deepvein.core.seeds import generator
from deepvein.examples.courses.blood import Stream, drawn_level, drawn_stream
from deepvein.examples.courses.frame import PIXEL_MM, SIZE, Frame
from deepvein.examples.courses.lumen import Lumen

N = 70
OFFSET = np.tile(((np.arange(SIZE) - (SIZE - 1) / 2) * PIXEL_MM).astype(np.float32), (N, 1))
LUMEN = Lumen(np.tile(np.float32([1 / 36, 0, 1 / 36]), (N, 1)), Frame(OFFSET, OFFSET))
SMOOTH = np.zeros((N, SIZE, SIZE), np.float32)


def stream(kind: str) -> Stream:
    up = np.tile(np.float32([0, -1]), (N, 1))
    return Stream(np.ones(N, np.float32), kind, up, 0.5, 1.0, 0.3, 0.0)


def test_layers_lie_on_one_side_and_the_whole_section_is_filled_otherwise():
    layered = stream("layered").missing(LUMEN, SMOOTH)[0]
    rows = OFFSET[0]
    assert layered[rows < -2, 13:15] == pytest.approx(1)
    assert layered[rows > 2, 13:15] == pytest.approx(0)
    assert stream("whole").missing(LUMEN, SMOOTH) == pytest.approx(1)


def test_a_stream_is_a_part_of_the_lumen_on_its_side():
    drawn = stream("stream").missing(LUMEN, SMOOTH)[0]
    where = np.argwhere(drawn > 0.5)
    assert OFFSET[0][where[:, 0]].mean() == pytest.approx(-3, abs=0.5)
    assert 0.15 < (drawn * (LUMEN.distance()[0] < 0)).sum() / (LUMEN.distance()[0] < 0).sum() < 0.5


def test_drawn_streams_begin_and_end_softly():
    for seed in range(20):
        drawn = drawn_stream(generator(seed, "stream"), N)
        assert drawn.strength.min() >= 0
        assert drawn.strength.max() <= 1
        assert np.linalg.norm(drawn.direction, axis=1) == pytest.approx(1)


def test_levels_lie_around_one():
    levels = np.concatenate([drawn_level(generator(seed, "level"), N) for seed in range(60)])
    assert np.median(levels) == pytest.approx(1, abs=0.05)
    assert levels.min() > 0
