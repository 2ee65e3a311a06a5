import numpy as np
import pytest
from scipy.stats import norm

from deepvein.laboratory.phantom_audit.matched_filter import (
    PLAIN,
    Match,
    judge,
    matches,
    signal_to_noise,
)
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import orders
from deepvein.studies.study import Modality

SHAPE = (24, 20)


def test_a_disc_in_white_noise_has_the_signal_to_noise_of_its_pixels():
    signal = np.zeros(SHAPE)
    signal[8:14, 8:13] = 12.0
    white = np.full(SHAPE, 9.0**2 * signal.size)  # of a standard deviation of 9
    assert signal_to_noise(signal, white) == pytest.approx(12 / 9 * 30**0.5)
    assert signal_to_noise(0 * signal, white) == 0.0
    assert signal_to_noise(signal, 0 * white) == np.inf


def test_it_is_how_far_the_answers_of_the_filter_lie_apart():
    """In noise that is correlated from pixel to pixel, against draws of it."""
    rng = np.random.default_rng(3)
    raw = rng.normal(size=(4000, *SHAPE))
    noise = 5 * (raw + np.roll(raw, 1, axis=1) + np.roll(raw, 1, axis=2))
    signal = np.zeros(SHAPE)
    signal[4:12, 6:10] = 3.0
    answers = (noise * signal).sum(axis=(1, 2))
    power = np.mean(np.abs(np.fft.fft2(noise)) ** 2, axis=0)
    expected = (signal**2).sum() / answers.std()
    assert signal_to_noise(signal, power) == pytest.approx(expected, rel=0.05)


def test_a_thrombus_is_hidden_if_no_section_shows_it():
    seen = [
        Match("a", 1, 0.5, True),
        Match("a", 1, PLAIN, True),
        Match("a", 2, 2.9, False),
        Match("b", 1, 9.0, True),
    ]
    found = judge(seen)
    assert (found.people, found.thrombi, found.hidden.value) == (2, 3, pytest.approx(1 / 3))
    assert found.auroc.value == pytest.approx(
        np.mean(norm.cdf(np.array([0.5, PLAIN, 2.9, 9.0]) / 2**0.5))
    )
    assert found.auroc_calf.value == pytest.approx(norm.cdf(2.9 / 2**0.5))
    assert np.isnan(judge(seen[:1]).auroc_calf.value)


def test_thrombi_of_a_phantom_stand_out_of_its_noise():
    (ill,) = orders(AuditSettings(Modality.CT, "easy"), dvt=True, n=1)
    found = matches(ill)
    assert 0 < len(found) <= 3 * len({one.thrombus for one in found})
    assert all(1.0 < one.snr < 100.0 for one in found)
    assert matches(ill) == found
