import numpy as np
import pytest

from deepvein.core.seeds import generator
from deepvein.examples.courses.frame import PIXEL_MM, SIZE, Frame, drawn_frame, wave
from deepvein.examples.courses.scene import SIZE as PAINTED

OFFSET = ((np.arange(SIZE) - (SIZE - 1) / 2) * PIXEL_MM).astype(np.float32)


def test_a_centred_frame_shows_the_middle_of_what_was_painted():
    planes = np.random.default_rng(0).integers(0, 255, (3, PAINTED, PAINTED))
    frame = Frame(np.tile(OFFSET, (3, 1)), np.tile(OFFSET, (3, 1)))
    rim = (PAINTED - SIZE) // 2
    assert frame.seen(planes) == pytest.approx(planes[:, rim:-rim, rim:-rim], abs=1e-3)


def test_a_shift_moves_the_picture_against_it():
    planes = np.tile(np.arange(PAINTED, dtype=np.float32), (1, PAINTED, 1))
    moved = Frame((OFFSET + 1.5 * PIXEL_MM)[None], OFFSET[None])
    still = Frame(OFFSET[None], OFFSET[None])
    assert moved.seen(planes) - still.seen(planes) == pytest.approx(1.5, abs=1e-4)


def test_drawn_frames_stay_on_what_was_painted_near_the_vein():
    for seed in range(20):
        frame = drawn_frame(generator(seed, "frame"), 50)
        for place in (frame.x_mm, frame.y_mm):
            assert place.shape == (50, SIZE)
            assert np.abs(place.mean(axis=1)).max() <= 8.0 + 1e-4
            assert (np.diff(place, axis=1) > 0).all()


def test_waves_are_smooth_and_of_size_one():
    drawn = wave(generator(1, "wave"), 4000, 2, 20.0)
    assert drawn.std() == pytest.approx(0.86, abs=0.15)
    assert np.abs(np.diff(drawn, axis=0)).max() < 0.5
