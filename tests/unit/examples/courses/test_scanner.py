from dataclasses import replace

import numpy as np
import pytest

from deepvein.core.seeds import generator
from deepvein.examples.courses.scanner import Scanner, drawn_ct_scanner, drawn_mr_scanner

STILL = Scanner(
    slice_axis=0, slice_steps=1.0, blur_px=0.0, noise=0.0, grain_px=0.0, hollow=0.0, streaks=0.0, shade=0.0
)  # fmt: skip


def test_a_perfect_scanner_changes_nothing():
    values = np.random.default_rng(0).normal(size=(9, 8, 8)).astype(np.float32)
    assert STILL.scan(generator(0, "scan"), values) == pytest.approx(values, abs=1e-5)


@pytest.mark.parametrize("axis", [0, 1])
def test_thick_slices_blur_along_their_axis_only_and_keep_the_mean(axis):
    values = np.zeros((30, 30, 8), np.float32)
    values[15, 15] = 1
    seen = replace(STILL, slice_axis=axis, slice_steps=3.0).through_slices(values)
    other = 1 - axis
    assert seen.sum(axis=(0, 1)) == pytest.approx(1, abs=0.25)
    assert (seen.sum(axis=(other, 2)) > 0.05).sum() > 2
    assert (seen.sum(axis=(axis, 2)) > 1e-6).sum() == 1


@pytest.mark.parametrize("grain", [0.0, 1.2])
def test_noise_has_its_size_whatever_its_grain(grain):
    scanner = replace(STILL, noise=10.0, grain_px=grain, hollow=0.5)
    seen = scanner.scan(generator(1, "scan"), np.zeros((20, 28, 28), np.float32))
    assert seen.std() == pytest.approx(10, rel=0.02)
    rough = np.abs(np.diff(seen, axis=2)).mean()
    assert rough < 9 if grain else rough > 10


def test_magnitudes_are_never_negative_and_lift_the_background():
    scanner = replace(STILL, noise=0.2, rician=True)
    seen = scanner.scan(generator(2, "scan"), np.zeros((20, 28, 28), np.float32))
    assert seen.min() >= 0
    assert seen.mean() == pytest.approx(0.2 * np.sqrt(np.pi / 2), rel=0.03)


def test_drawn_scanners_span_what_is_usual():
    ct = [drawn_ct_scanner(generator(seed, "ct")) for seed in range(200)]
    assert min(one.noise for one in ct) < 6
    assert max(one.noise for one in ct) > 20
    assert {one.slice_axis for one in ct} == {0}
    mr = [drawn_mr_scanner(generator(seed, "mr"), 2.4) for seed in range(200)]
    assert all(10 <= 2.4 / one.noise <= 60 for one in mr)
    assert {one.slice_axis for one in mr} == {1}


def test_stations_of_mr_differ_in_signal_along_the_body():
    scanner = replace(STILL, seam=0.5)
    seen = scanner.scan(generator(4, "scan"), np.ones((60, 8, 8), np.float32))
    along = seen.mean(axis=(1, 2))
    assert np.ptp(along) > 0.02
    assert np.ptp(seen, axis=(1, 2)).max() < 1e-5
