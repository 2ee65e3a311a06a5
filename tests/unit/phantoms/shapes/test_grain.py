from __future__ import annotations

import numpy as np
import pytest

from deepvein.phantoms.shapes.grain import grain

X = np.arange(-20, 20, 0.5, dtype=np.float32)


def test_it_is_the_same_for_the_same_name_and_within_one() -> None:
    a = grain(1, "x", spacing_mm=3.0, spacing_z_mm=5.0).section(7.0, X, X[:40])
    b = grain(1, "x", spacing_mm=3.0, spacing_z_mm=5.0).section(7.0, X, X[:40])
    c = grain(1, "y", spacing_mm=3.0, spacing_z_mm=5.0).section(7.0, X, X[:40])
    assert a.shape == (40, 80)
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)
    assert np.abs(a).max() <= 1


def test_it_is_continuous_in_all_directions_and_repeats() -> None:
    one = grain(2, "x", spacing_mm=3.0, spacing_z_mm=5.0)
    here = one.section(4.0, X, X)
    # Linear between values within [-1, 1]: no step is steeper than 2 over one cell.
    for axis in (0, 1):
        assert np.abs(np.diff(here, axis=axis)).max() <= 2 * 0.5 / 3 + 1e-5
    assert np.abs(one.section(4.25, X, X) - here).max() <= 2 * 0.25 / 5 + 1e-5
    assert one.section(4.0 + 80.0, X, X) == pytest.approx(here, abs=1e-5)
