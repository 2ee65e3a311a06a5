from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from deepvein.cohorts.moments import Moments
from deepvein.core.errors import SettingsError
from deepvein.examples.normalisation import Scaling, empty_value, normalise, scaling
from deepvein.examples.settings import NormalisationSettings
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume


def volume(values: np.ndarray) -> Volume:
    return Volume(values, Grid.from_directions(values.shape, (1, 1, 1)))


def images(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(values)[None]


RAMP = np.arange(24, dtype=np.int16).reshape(2, 3, 4)


def test_minmax_scales_each_image_by_itself() -> None:
    found = normalise(images(RAMP), [scaling(volume(RAMP), NormalisationSettings(kind="minmax"))])
    expected = np.arange(12).reshape(3, 4) / 11
    np.testing.assert_allclose(found[0, 0], expected, rtol=1e-6)
    np.testing.assert_allclose(found[0, 1], expected, rtol=1e-6)


@given(st.floats(0.01, 1000), st.floats(-1000, 1000))
def test_minmax_knows_no_unit(gain: float, offset: float) -> None:
    changed = torch.from_numpy(RAMP.astype(np.float32) * gain + offset)[None]
    found = normalise(changed, [Scaling()])
    assert torch.allclose(found, normalise(images(RAMP), [Scaling()]), atol=2e-2)


def test_a_constant_image_becomes_zero() -> None:
    flat = np.full((1, 3, 4), 7, np.int16)
    for kind in ("minmax", "percentile"):
        settings = NormalisationSettings(kind=kind, low=1.0, high=99.0)
        assert not normalise(images(flat), [scaling(volume(flat), settings)]).any()


def test_window_maps_to_one_and_clips() -> None:
    values = np.array([[[-1024, -200, 100, 400, 3000]]], np.int16)
    settings = NormalisationSettings(kind="window", low=-200, high=400)
    found = normalise(images(values), [scaling(volume(values), settings)])
    assert found.flatten().tolist() == pytest.approx([-1, -1, 0, 1, 1])


def test_percentiles_are_those_of_the_volume() -> None:
    random = np.random.default_rng(0)
    values = random.gamma(2.0, 100.0, (40, 50, 60)).astype(np.float32)
    found = scaling(volume(values), NormalisationSettings(kind="percentile", low=1, high=99))
    assert (found.low, found.high) == pytest.approx(np.percentile(values, (1, 99)), rel=1e-4)
    scaled = normalise(images(values), [found])
    assert (scaled.min(), scaled.max()) == (0, 1)


def test_percentiles_of_a_large_volume_are_nearly_exact() -> None:
    values = np.random.default_rng(0).normal(500, 100, (130, 200, 200)).astype(np.int16)
    found = scaling(volume(values), NormalisationSettings(kind="percentile", low=1, high=99))
    assert (found.low, found.high) == pytest.approx(np.percentile(values, (1, 99)), abs=2)


def test_standardise_uses_the_training_moments_alone() -> None:
    settings = NormalisationSettings(kind="standardise", clip=(0.0, 20.0))
    found = normalise(images(RAMP), [scaling(volume(RAMP), settings, Moments(9, 10.0, 5.0))])
    np.testing.assert_allclose(found[0], (RAMP.clip(0, 20) - 10) / 5, rtol=1e-6)
    with pytest.raises(SettingsError, match="moments"):
        scaling(volume(RAMP), settings)


def test_each_example_keeps_its_own_scaling() -> None:
    pair = torch.stack([torch.full((1, 2, 2), 10.0), torch.full((1, 2, 2), 10.0)])
    found = normalise(pair, [Scaling(centre=0.0, width=5.0), Scaling(high=4.0, centre=2.0)])
    assert found.flatten(1).tolist() == [[2.0] * 4, [2.0] * 4]
    with pytest.raises(SettingsError, match="mixes"):
        normalise(pair, [Scaling(), Scaling(centre=0.0)])


@pytest.mark.parametrize("kind", ["minmax", "window", "percentile", "standardise"])
def test_an_empty_image_has_the_value_of_the_background(kind: str) -> None:
    settings = NormalisationSettings(kind=kind, low=5, high=60, background=2.0)
    scale = scaling(volume(RAMP), settings, Moments(9, 10.0, 5.0))
    empty = torch.full((1, 1, 3, 4), settings.background)
    assert normalise(empty, [scale]).unique().item() == pytest.approx(empty_value(scale, settings))
