from __future__ import annotations

import numpy as np
import pytest

from deepvein.core.seeds import generator
from deepvein.phantoms.mr.rician import magnitude


def noisy(level: float, sd: float = 10.0) -> np.ndarray:
    signal = np.full((300, 300), level, dtype=np.float32)
    return magnitude(signal, sd, generator(1, "noise")).astype(float)


def test_air_follows_rayleigh_s_distribution() -> None:
    air = noisy(0.0)
    assert air.mean() == pytest.approx(10 * np.sqrt(np.pi / 2), rel=0.01)
    assert air.std() == pytest.approx(10 * np.sqrt(2 - np.pi / 2), rel=0.02)
    # Its median is sqrt(2 ln 2) times the SD.
    assert np.median(air) == pytest.approx(10 * np.sqrt(2 * np.log(2)), rel=0.01)


@pytest.mark.parametrize("level", [50.0, 300.0])
def test_the_second_moment_is_signal_and_twice_the_variance(level: float) -> None:
    assert (noisy(level) ** 2).mean() == pytest.approx(level**2 + 200, rel=0.01)


def test_strong_signal_has_normal_noise() -> None:
    seen = noisy(1000.0)
    assert seen.mean() == pytest.approx(1000.05, abs=0.2)
    assert seen.std() == pytest.approx(10, rel=0.02)


def test_noise_may_vary_over_the_picture_and_follows_from_the_generator() -> None:
    sd = np.where(np.arange(300) < 150, 5.0, 20.0).astype(np.float32)
    one, other = (
        magnitude(np.zeros((300, 300), np.float32), sd, generator(2, "noise")) for _ in range(2)
    )
    assert np.array_equal(one, other)
    assert one[:, 150:].mean() / one[:, :150].mean() == pytest.approx(4, rel=0.02)
