from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from deepvein.examples.augmentation import Draw
from deepvein.examples.intensity import blur, change_intensity

IMAGES = torch.rand(3, 2, 24, 32, generator=torch.Generator().manual_seed(0))


def test_no_change_changes_nothing() -> None:
    assert torch.equal(change_intensity(IMAGES, [Draw()] * 3), IMAGES)


def test_each_example_keeps_its_own_change() -> None:
    found = change_intensity(IMAGES, [Draw(), Draw(gain=2.0, offset=-0.5), Draw(gamma=2.0)])
    assert torch.equal(found[0], IMAGES[0])
    assert torch.allclose(found[1], IMAGES[1] * 2 - 0.5)
    least, extent = IMAGES[2].amin(), IMAGES[2].amax() - IMAGES[2].amin()
    assert torch.allclose(found[2], ((IMAGES[2] - least) / extent) ** 2 * extent + least)


def test_gamma_keeps_the_range_and_a_constant_image() -> None:
    found = change_intensity(IMAGES, [Draw(gamma=0.7)] * 3)
    assert found.amin((1, 2, 3)).tolist() == pytest.approx(IMAGES.amin((1, 2, 3)).tolist())
    assert found.amax((1, 2, 3)).tolist() == pytest.approx(IMAGES.amax((1, 2, 3)).tolist())
    flat = torch.full((1, 1, 4, 4), 0.3)
    assert torch.allclose(change_intensity(flat, [Draw(gamma=1.4)]), flat)


def test_noise_is_replayed_by_its_seed() -> None:
    loud = Draw(noise=0.2, noise_seed=7)
    first = change_intensity(IMAGES, [loud, loud, Draw(noise=0.2, noise_seed=8)]) - IMAGES
    again = change_intensity(IMAGES, [loud, loud, Draw(noise=0.2, noise_seed=8)]) - IMAGES
    assert torch.equal(first, again)
    assert torch.allclose(first[0], first[1], atol=1e-6)
    assert not torch.allclose(first[1], first[2], atol=1e-2)
    assert first.std().item() == pytest.approx(0.2, rel=0.05)


@pytest.mark.parametrize("sd", [0.4, 1.0, 2.5])
def test_blur_is_a_gaussian(sd: float) -> None:
    expected = gaussian_filter(IMAGES.numpy(), (0, 0, sd, sd), mode="nearest", truncate=3.0)
    np.testing.assert_allclose(blur(IMAGES, sd), expected, atol=0.01)
    assert blur(IMAGES, 0.0) is IMAGES


def test_coarser_detail_keeps_the_mean() -> None:
    found = change_intensity(IMAGES, [Draw(resolution=2.0)] * 3)
    assert found.mean().item() == pytest.approx(IMAGES.mean().item(), abs=0.01)
    assert found.std() < 0.8 * IMAGES.std()


def test_solid_batches_are_changed_too() -> None:
    solid = torch.rand(2, 1, 4, 8, 8)
    changes = [Draw(gain=1.1, noise=0.1, blur_px=1.0, gamma=1.2), Draw()]
    found = change_intensity(solid, changes)
    assert found.shape == solid.shape
    assert torch.equal(found[1], solid[1])


def test_a_tone_curve_keeps_range_and_order() -> None:
    ramp = torch.linspace(-1, 3, 81).reshape(1, 1, 9, 9)
    heights = (0.0, 0.1, 0.7, 1.0)
    found = change_intensity(ramp, [Draw(tone=heights)]).flatten()
    assert found[0] == -1
    assert found[-1] == pytest.approx(3)
    assert (found.diff() > 0).all()
    thirds = (torch.tensor(heights[1:-1]) * 4 - 1).tolist()
    expected = np.interp(ramp.flatten(), np.linspace(-1, 3, 4), [-1, *thirds, 3])
    assert torch.allclose(found, torch.from_numpy(expected).float(), atol=1e-5)
    flat = torch.full((1, 1, 4, 4), 0.3)
    assert torch.allclose(change_intensity(flat, [Draw(tone=heights)]), flat)
