from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.phantoms.ct.projection import enlarged, rays
from deepvein.phantoms.shapes.tube import Float

N = 64


def disc(radius: float, x: float = 0.0, y: float = 0.0) -> tuple[Float, Float, np.ndarray]:
    rows, columns = np.mgrid[:N, :N]
    inside = (columns - 31.5 - x) ** 2 + (rows - 31.5 - y) ** 2 < radius**2
    at_y, at_x = np.nonzero(inside)
    return at_x.astype(np.float64), at_y.astype(np.float64), inside


def test_projections_of_a_disc_are_its_chords() -> None:
    fan = rays(N, 24)
    x, y, _ = disc(20)
    sinogram = fan.project(x, y)
    assert sinogram.sum(axis=1) == pytest.approx(len(x), rel=1e-3)
    offset = np.arange(fan.bins) + 0.5 - fan.bins / 2
    chords = 2 * np.sqrt(np.maximum(0, 400 - offset**2))
    inner = np.abs(offset) < 17
    assert np.abs(sinogram[:, inner] - chords[inner]).max() < 5
    assert np.abs((sinogram - chords).mean()) < 0.1


@given(st.floats(-12, 12), st.floats(-12, 12))
def test_back_projection_gives_back_what_was_projected(x: float, y: float) -> None:
    fan = rays(N, 60)
    at_x, at_y, _ = disc(14, x, y)
    picture = fan.back(fan.filtered(fan.project(at_x, at_y)))
    rows, columns = np.mgrid[:N, :N]
    far = (columns - 31.5 - x) ** 2 + (rows - 31.5 - y) ** 2 > 17**2
    deep = (columns - 31.5 - x) ** 2 + (rows - 31.5 - y) ** 2 < 11**2
    assert picture[deep].mean() == pytest.approx(1.0, abs=0.03)
    assert abs(picture[far & (np.hypot(columns - 31.5, rows - 31.5) < 30)].mean()) < 0.03


def test_sums_are_whole_numbers_so_that_order_cannot_matter() -> None:
    fan = rays(N, 12)
    assert np.array_equal(fan.ramp, np.rint(fan.ramp))
    sinogram = fan.project(*disc(15)[:2], 0.25)
    assert np.array_equal(sinogram * 64, np.rint(sinogram * 64))
    assert not fan.project(np.zeros(0), np.zeros(0)).any()


def test_enlarging_keeps_a_slope() -> None:
    rows, columns = np.mgrid[:8, :8].astype(np.float32)
    big = enlarged((rows + 2 * columns).astype(np.float32), (30, 32), 4)
    assert big.shape == (30, 32)
    assert big[14, 14] == pytest.approx((14.5 / 4 - 0.5) * 3, abs=1e-5)
    assert big[0, 0] == 0
