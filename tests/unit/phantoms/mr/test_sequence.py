from __future__ import annotations

from math import cos, exp, radians, sin

import pytest

from deepvein.phantoms.mr.sequence import spin_echo, spoiled_gradient_echo
from deepvein.phantoms.mr.settings import MrSettings


def test_signal_follows_the_spoiled_gradient_echo_equation() -> None:
    e1, a = exp(-3.17 / 340), radians(25)
    expected = 0.9 * sin(a) * (1 - e1) / (1 - cos(a) * e1) * exp(-1.13 / 100)
    assert spoiled_gradient_echo(340, 100, 0.9, MrSettings()) == pytest.approx(expected)


def test_a_gradient_echo_is_brightest_at_the_ernst_angle() -> None:
    """cos(a) = exp(-TR/T1): 7.8 degrees for blood with contrast medium."""
    signals = {
        angle: spoiled_gradient_echo(340, 1e9, 1.0, MrSettings(flip_angle_deg=angle))
        for angle in (4.0, 6.0, 7.8, 10.0, 25.0)
    }
    assert max(signals, key=lambda angle: signals[angle]) == 7.8


def test_a_spin_echo_halves_with_every_t2_times_ln_2() -> None:
    one, two = MrSettings(t2_echo_time_ms=50.0), MrSettings(t2_echo_time_ms=50.0 + 69.3147)
    assert spin_echo(800, 100, 1, two) / spin_echo(800, 100, 1, one) == pytest.approx(0.5)
