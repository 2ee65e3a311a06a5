from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.phantoms.annotation.contouring import redrawn, smooth_noise


def disc(size: int, radius: float, label: int = 3) -> np.ndarray:
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    return np.where(x**2 + y**2 <= radius**2, label, 0).astype(np.uint8)


def test_without_wobble_nothing_moves() -> None:
    plane = disc(40, 9)
    rng = np.random.default_rng(0)
    out = redrawn(plane, (0.7, 0.7), rng, wobble_mm=0.0, length_mm=4.0)
    np.testing.assert_array_equal(out, plane)


def test_a_margin_alone_is_a_wider_disc_in_millimetres_whatever_the_pixels() -> None:
    for mm in (0.25, 0.5):
        plane = disc(round(60 / mm), 10 / mm)
        rng = np.random.default_rng(0)
        out = redrawn(plane, (mm, mm), rng, wobble_mm=0.0, length_mm=4.0, margin_mm=2.0)
        area = np.count_nonzero(out) * mm**2
        assert area == pytest.approx(np.pi * 12**2, rel=0.04)


def test_dice_of_a_wobbling_circle_follows_from_its_size() -> None:
    # Moving the boundary of a circle of diameter d by s changes an area of pi d |s|: the mean Dice is
    # about 1 - 2 E|s| / d with E|s| = 0.8 SD.
    mm, diameter, wobble = 0.25, 10.0, 0.6
    plane = disc(80, diameter / mm / 2)
    scores = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        out = redrawn(plane, (mm, mm), rng, wobble_mm=wobble, length_mm=4.0)
        both = np.count_nonzero(out & plane)
        scores.append(2 * both / (np.count_nonzero(out) + np.count_nonzero(plane)))
    assert 1 - np.mean(scores) == pytest.approx(2 * 0.8 * wobble / diameter, rel=0.25)


@given(st.integers(0, 1000), st.floats(0.1, 3.0))
def test_regions_keep_their_voxels_from_each_other_and_never_vanish(
    seed: int, wobble: float
) -> None:
    plane = np.zeros((30, 40), dtype=np.uint8)
    plane[10:18, 5:15], plane[10:18, 15:25], plane[3:5, 30:32] = 8, 40, 1
    rng = np.random.default_rng(seed)
    out = redrawn(plane, (0.8, 0.6), rng, wobble_mm=wobble, length_mm=4.0)
    assert set(np.unique(out)) == {0, 1, 8, 40}
    for label in (1, 8, 40):
        assert set(np.unique(plane[out == label])) <= {0, label}


def test_the_noise_is_centred_has_its_sd_and_is_smooth() -> None:
    rng = np.random.default_rng(3)
    noise = smooth_noise((400, 400), (0.5, 0.5), 4.0, rng)
    assert noise.mean() == pytest.approx(0, abs=0.05)
    assert noise.std() == pytest.approx(1, abs=0.06)
    centred = noise - noise.mean()
    near = (centred[:, 1:] * centred[:, :-1]).mean() / noise.var()
    far = (centred[:, 16:] * centred[:, :-16]).mean() / noise.var()
    assert near > 0.9
    assert abs(far) < 0.1


def test_an_empty_slice_stays_empty() -> None:
    rng = np.random.default_rng(0)
    plane = np.zeros((5, 5), dtype=np.uint8)
    assert not redrawn(plane, (1, 1), rng, wobble_mm=1.0, length_mm=4.0).any()
