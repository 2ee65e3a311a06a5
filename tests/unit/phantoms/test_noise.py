from __future__ import annotations

import hashlib

import numpy as np
import pytest

from deepvein.core.seeds import generator
from deepvein.phantoms.noise import KERNELS, WORD_SD, correlated, white


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
