from __future__ import annotations

import numpy as np
import pytest

from deepvein.phantoms.mr.lattice import Lattice


@pytest.mark.parametrize("depth", [0.0, 0.3, 1.0])
def test_a_linear_field_is_given_back_exactly(depth: float) -> None:
    y, z, x = np.meshgrid(*(np.linspace(0, 1, n) for n in (4, 5, 6)), indexing="ij")
    lattice = Lattice((2 * y + 3 * z - x).astype(np.float32))
    seen = lattice.section(depth, 31, 47)
    rows, columns = np.linspace(0, 1, 31)[:, None], np.linspace(0, 1, 47)
    assert np.allclose(seen, 2 * depth + 3 * rows - columns, atol=1e-5)


def test_one_pixel_takes_the_first_corner() -> None:
    values = np.arange(27, dtype=np.float32).reshape(3, 3, 3)
    assert Lattice(values).section(0.0, 1, 1).tolist() == [[0.0]]
