from __future__ import annotations

import numpy as np
import pytest

from deepvein.phantoms.mr.coils import sample_sensitivity

SIZE = (240.0, 350.0, 400.0)


def test_near_the_coils_it_is_brighter_than_in_the_depth() -> None:
    falls = []
    for seed in range(10):
        field = sample_sensitivity(seed, 0, SIZE, 1.0).signal.values
        middle = field.shape[0] // 2
        inner = field[:, 5:-5]
        falls.append(min(inner[1].mean(), inner[-2].mean()) / inner[middle].mean())
        assert np.median(field) == pytest.approx(1, abs=0.1)
    assert 1.15 < np.mean(falls) < 4


def test_correction_flattens_the_signal_and_shapes_the_noise() -> None:
    raw, half, flat = (sample_sensitivity(1, 0, SIZE, u) for u in (1.0, 0.4, 0.0))
    spread = [np.std(s.signal.values) for s in (raw, half, flat)]
    assert spread[0] > spread[1] > spread[2] == pytest.approx(0, abs=1e-6)
    assert np.allclose(raw.noise.values, 1)
    # Signal to noise is what the coils give, whatever the correction.
    for one in (half, flat):
        ratio = one.signal.values / one.noise.values
        assert np.allclose(ratio, raw.signal.values, rtol=1e-3)


def test_stations_and_people_differ() -> None:
    fields = [sample_sensitivity(*key, SIZE, 1.0).signal.values for key in ((1, 0), (1, 1), (2, 0))]
    assert not np.allclose(fields[0], fields[1])
    assert not np.allclose(fields[0], fields[2])
    assert np.array_equal(fields[0], sample_sensitivity(1, 0, SIZE, 1.0).signal.values)
