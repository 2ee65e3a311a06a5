from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.core.seeds import generator
from deepvein.phantoms.ct.noise import (
    KERNELS,
    MIX,
    WORD_SD,
    correlated,
    overlap_weights,
    raw_shape,
    reconstructed,
    smeared,
    softened,
    white,
)


def test_white_noise_is_whole_numbers_with_known_moments() -> None:
    for words in (1, 3):
        values = white(generator(0), (300, 300), words)
        assert values.dtype == np.int32
        assert abs(values.mean()) < 2
        assert values.std() == pytest.approx(WORD_SD * words**0.5, rel=0.01)
        tails = ((values / values.std()) ** 4).mean() - 3
        assert tails == pytest.approx(-0.3 / words, abs=0.08)


@pytest.mark.parametrize("kernel", KERNELS)
def test_correlated_noise_has_unit_sd_and_the_kernel_s_correlation(kernel: str) -> None:
    weights = np.array(KERNELS[kernel], dtype=float)
    values = correlated(generator(1), (300, 280), KERNELS[kernel])
    assert values.shape == (300, 280)
    assert values.std() == pytest.approx(1, rel=0.02)
    expected = (weights[1:] * weights[:-1]).sum() / (weights**2).sum()
    for a, b in ((values[1:], values[:-1]), (values[:, 1:], values[:, :-1])):
        assert (a * b).mean() == pytest.approx(expected, abs=0.03)


def test_the_bits_are_the_same_everywhere() -> None:
    digest = hashlib.sha256(correlated(generator(2), (40, 40), KERNELS["standard"]).tobytes())
    assert digest.hexdigest()[:16] == "6f904e9372fb0f52"


@pytest.mark.parametrize("kernel", KERNELS)
def test_reconstructed_noise_has_unit_sd_and_little_power_at_the_ends(kernel: str) -> None:
    shape = (256, 256)
    raw = white(generator(3), raw_shape(shape)) * np.int32(MIX)
    values = reconstructed(raw, shape, kernel)
    assert values.shape == shape
    assert values.std() == pytest.approx(1, rel=0.02)
    power = np.abs(np.fft.fft2(values)) ** 2
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(256), np.fft.fftfreq(256)))
    bands = [
        power[(frequency > low) & (frequency <= low + 0.04)].mean()
        for low in (0.001, 0.08, 0.12, 0.2, 0.32, 0.44)
    ]
    assert bands[0] < 0.3 * max(bands[1:4])
    assert bands[-1] < 0.5 * max(bands[1:4])
    if kernel != "sharp":
        assert bands[-1] < 0.15 * max(bands[1:4])


def test_smoother_kernels_have_less_power_at_high_frequencies() -> None:
    shape = (256, 256)
    raw = white(generator(4), raw_shape(shape)) * np.int32(MIX)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(256), np.fft.fftfreq(256)))
    centre = {}
    for kernel in KERNELS:
        power = np.abs(np.fft.fft2(reconstructed(raw, shape, kernel))) ** 2
        centre[kernel] = float((power * frequency).sum() / power.sum())
    assert centre["smooth"] < centre["standard"] < centre["sharp"]


@given(st.floats(0.5, 5), st.floats(0.2, 8))
def test_overlapping_slices_share_their_noise(thickness: float, increment: float) -> None:
    a, b = overlap_weights(thickness, increment)
    assert a * a + b * b == pytest.approx(MIX * MIX, rel=0.03)
    shared = min(max(1 - increment / thickness, 0), 0.5)
    assert a * b / (a * a + b * b) == pytest.approx(shared, abs=0.03)


@pytest.mark.parametrize("kernel", KERNELS)
def test_smeared_noise_has_unit_sd_and_is_drawn_out_along_rows(kernel: str) -> None:
    shape = (200, 240)
    raw = white(generator(5), raw_shape(shape)) * np.int32(MIX)
    noise, out = reconstructed(raw, shape, kernel), smeared(raw, shape, kernel)
    assert out.shape == shape
    assert out.std() == pytest.approx(1, rel=0.05)
    assert (out[:, 4:] * out[:, :-4]).mean() > 0.3
    assert abs((out[5:] * out[:-5]).mean()) < 0.05
    assert abs((out * noise).mean()) < 0.05


def test_softening_keeps_means_and_spreads_an_edge() -> None:
    plane = np.zeros((20, 20), dtype=np.float32)
    plane[:, 10:] = 100
    for kernel, spread in (("sharp", 0.0), ("standard", 12.5), ("smooth", 25.0)):
        soft = softened(plane, kernel)
        assert soft.mean() == pytest.approx(plane.mean(), rel=1e-5)
        assert soft[5, 9] == pytest.approx(spread)
        assert soft[5, 3] == 0
        assert soft[0, 15] == pytest.approx(100)
