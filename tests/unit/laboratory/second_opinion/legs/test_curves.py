import numpy as np
import pytest

from deepvein.laboratory.second_opinion.legs.curves import along, mottle, ramp, wander

TABLE = ((10.0, 1.0, 5.0), (0.0, 3.0, 5.0), (-10.0, 0.0, 5.0))


def test_tables_are_kept_at_their_levels_and_at_their_ends_beyond():
    first, second = along(TABLE, np.array([-50.0, -10.0, 0.0, 10.0, 50.0]))
    assert first == pytest.approx([0, 0, 3, 1, 1])
    assert second == pytest.approx([5] * 5)


def test_tables_are_not_overshot():
    (first, _) = along(TABLE, np.linspace(-10, 10, 101))
    assert first.min() >= 0
    assert first.max() <= 3


def test_curves_wander_smoothly():
    curve = wander(np.random.default_rng(0), np.linspace(0, 2000, 2001), 40, 2.0)
    assert 1.0 < curve.std() < 3.0
    assert np.abs(np.diff(curve)).max() < 1.0


def test_mottled_volumes_have_unit_spread_and_their_grain():
    volume = mottle(np.random.default_rng(0), (30, 40, 50), (2.0, 1.0, 1.0), (6.0, 3.0, 3.0))
    assert volume.shape == (30, 40, 50)
    assert volume.dtype == np.float32
    assert volume.mean() == pytest.approx(0, abs=0.1)
    assert volume.std() == pytest.approx(1, abs=0.1)
    assert np.abs(np.diff(volume, axis=2)).mean() < 0.5


def test_ramps_end_at_0_and_1():
    assert ramp([-1, 0, 0.5, 1, 2]) == pytest.approx([0, 0, 0.5, 1, 1])
