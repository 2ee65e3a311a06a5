from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.core.seeds import generator
from deepvein.phantoms.ct.motion import Motion, Twitch, doubled, sample_motion


def test_a_twitch_is_greatest_in_its_middle_and_over_at_its_ends() -> None:
    motion = Motion((Twitch(100.0, 20.0, 4.0, -2.0),))
    assert motion.shift_mm(100.0) == (4.0, -2.0)
    assert motion.shift_mm(89.9) == motion.shift_mm(110.1) == (0.0, 0.0)
    assert 0 < motion.shift_mm(95.0)[0] < 4
    assert motion.smear_mm(95.0, 6.0)[0] > 1
    assert motion.smear_mm(100.0, 6.0) == pytest.approx((0, 0))
    assert Motion().shift_mm(3.0) == (0.0, 0.0)


@given(st.integers(0, 500))
def test_drawn_motion_is_small_and_lies_in_the_scan(seed: int) -> None:
    motion = sample_motion(generator(seed), -50.0, 900.0)
    assert 1 <= len(motion.twitches) <= 3
    for twitch in motion.twitches:
        assert -50 <= twitch.z_mm <= 900
        assert abs(twitch.x_mm) <= 6
        assert abs(twitch.y_mm) <= 4


@given(st.integers(-3, 3), st.integers(-3, 3))
def test_doubling_keeps_a_plain_picture_and_repeats_a_point(rows: int, columns: int) -> None:
    assert np.allclose(doubled(np.full((9, 9), 7, np.float32), rows, columns), 7)
    point = np.zeros((9, 9), np.float32)
    point[4, 4] = 10
    out = doubled(point, rows, columns)
    if rows == columns == 0:
        assert out is point
    else:
        assert out[4, 4] == pytest.approx(6)
        assert out[4 + rows, 4 + columns] == pytest.approx(4)
