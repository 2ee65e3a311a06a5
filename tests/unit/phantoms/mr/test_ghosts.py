from __future__ import annotations

import numpy as np
import pytest

from deepvein.phantoms.mr.ghosts import Ghosts, sample_ghosts
from deepvein.phantoms.mr.settings import MrSettings


def artery(column: int) -> tuple[np.ndarray, np.ndarray]:
    signal, mask = np.zeros((6, 100), np.float32), np.zeros((6, 100), np.uint8)
    signal[2:4, column] = 1000
    mask[2:4, column] = 1
    return signal, mask


def test_an_artery_s_ghosts_lie_a_beat_and_two_beside_it() -> None:
    signal, mask = artery(50)
    seen = Ghosts(0.1, 13).added(signal.copy(), mask)
    assert {c: round(float(seen[2, c])) for c in np.flatnonzero(seen[2])} == {
        24: 40,
        37: 100,
        50: 1000,
        63: 100,
        76: 40,
    }
    assert np.array_equal(seen[2], seen[3])
    assert not seen[[0, 1, 4, 5]].any()


def test_ghosts_come_back_in_on_the_other_side() -> None:
    seen = Ghosts(-0.1, 20).added(*artery(90))
    assert seen[2, 10] == seen[2, 70] == pytest.approx(-100)


def test_veins_have_none() -> None:
    signal, mask = artery(50)
    assert np.array_equal(Ghosts(0.1, 13).added(signal.copy(), np.zeros_like(mask)), signal)


def test_movement_repeats_everything_and_keeps_the_signal_s_sum() -> None:
    signal, mask = artery(50)
    seen = Ghosts(0.0, 13, motion=0.1, sway=20, blur=2).added(signal.copy(), mask)
    assert seen[2, 30] == seen[2, 70] == pytest.approx(100)
    assert seen[2, 50] == seen[2, 52] == pytest.approx(400)
    assert seen.sum() == pytest.approx(signal.sum())


def test_the_share_of_moved_stations_is_the_setting() -> None:
    settings = MrSettings(motion_share=0.3)
    drawn = [sample_ghosts(seed, 0, 400, settings) for seed in range(300)]
    assert np.mean([g.motion > 0 for g in drawn]) == pytest.approx(0.3, abs=0.08)
    assert all(0 < g.beat < 200 and abs(g.pulsation) <= 0.1 for g in drawn)
    assert not any(
        g.motion for g in (sample_ghosts(s, 0, 400, MrSettings(motion_share=0)) for s in range(20))
    )
