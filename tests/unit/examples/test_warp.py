from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from deepvein.examples.augmentation import Draw, plane_matrix, space_matrix
from deepvein.examples.warp import bend, centred, sampling_grid, warp, warp_masks

IMAGE = torch.from_numpy(np.random.default_rng(0).normal(size=(1, 2, 9, 13)).astype(np.float32))


def warped(image: torch.Tensor, change: Draw, shape=None, nearest: bool = False) -> torch.Tensor:
    given = tuple(image.shape[2:])
    shape = shape or given
    matrix = plane_matrix(change) if len(given) == 2 else space_matrix(change)
    shift = np.array([0.0] * (len(given) - 2) + list(change.shift)) * shape
    grid = sampling_grid(centred(matrix, given, shape, shift)[None], given, shape)
    return warp(image, grid, background=-5.0, nearest=nearest)


def test_no_change_changes_nothing() -> None:
    assert torch.allclose(warped(IMAGE, Draw()), IMAGE, atol=1e-5)
    assert torch.allclose(warped(IMAGE, Draw(), nearest=True), IMAGE, atol=1e-5)


def test_mirrors_are_flips() -> None:
    assert torch.allclose(warped(IMAGE, Draw(mirror_columns=True)), IMAGE.flip(-1), atol=1e-5)
    assert torch.allclose(warped(IMAGE, Draw(mirror_rows=True)), IMAGE.flip(-2), atol=1e-5)
    solid = torch.rand(1, 1, 4, 5, 6)
    assert torch.allclose(warped(solid, Draw(mirror_columns=True)), solid.flip(-1), atol=1e-5)


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_quarter_turns_are_exact(quarter: int) -> None:
    found = warped(IMAGE, Draw(rotation_deg=90.0 * quarter), shape=(13, 9) if quarter % 2 else None)
    turned = torch.rot90(IMAGE, -quarter, dims=(-2, -1))
    other = torch.rot90(IMAGE, quarter, dims=(-2, -1))
    assert torch.allclose(found, other if quarter % 2 else turned, atol=1e-5)


def test_a_shift_moves_the_content() -> None:
    found = warped(IMAGE, Draw(shift=(2 / 9, -3 / 13)))
    assert torch.allclose(found[..., 2:, :-3], IMAGE[..., :-2, 3:], atol=1e-5)
    assert torch.allclose(found[..., 0, :], torch.tensor(-5.0))
    assert torch.allclose(found[..., -3:], torch.tensor(-5.0))


def test_magnified_content_keeps_its_centre() -> None:
    image = torch.zeros(1, 1, 21, 21)
    image[..., 8:13, 8:13] = 1
    found = warped(image, Draw(scale=2.0), nearest=True)
    assert found[0, 0, 6:15, 6:15].eq(1).all()
    assert found.sum() == pytest.approx(100, abs=25)


@settings(max_examples=30)
@given(
    st.floats(-45, 45), st.floats(0.8, 1.25), st.booleans(), st.integers(0, 20), st.integers(0, 20)
)
def test_voxels_go_where_the_map_says(
    angle: float, scale: float, mirror: bool, row: int, column: int
) -> None:
    change = Draw(rotation_deg=angle, scale=scale, mirror_columns=mirror)
    ramp = torch.stack(torch.meshgrid(torch.arange(31.0), torch.arange(41.0), indexing="ij"))[None]
    found = centred(plane_matrix(change), (31, 41), (21, 21), (0, 0))
    out = warp(ramp, sampling_grid(found[None], (31, 41), (21, 21)), background=0.0)
    expected = found @ [row, column, 1]
    if ((expected > 0) & (expected < [30, 40])).all():
        np.testing.assert_allclose(out[0, :, row, column], expected, atol=1e-3)


def test_masks_stay_masks() -> None:
    mask = torch.zeros(1, 1, 20, 20)
    mask[..., 5:15, 5:15] = 1
    found = centred(plane_matrix(Draw(rotation_deg=30)), (20, 20), (20, 20), (0, 0))
    turned = warp_masks(mask, sampling_grid(found[None], (20, 20), (20, 20)))
    assert set(turned.unique().tolist()) == {0.0, 1.0}
    assert turned.sum() == pytest.approx(100, abs=6)


def test_bending_displaces_smoothly_by_the_wanted_amount() -> None:
    shape = (160, 192)
    maps = np.repeat(centred(np.eye(2), shape, shape, (0, 0))[None], 2, axis=0)
    grid = sampling_grid(maps, shape, shape)
    draws = [Draw(bend_px=4.0, noise_seed=5), Draw()]
    found = bend(grid, draws, shape)
    assert torch.equal(found, bend(grid, draws, shape))
    assert torch.equal(found[1], grid[1])
    moved = (found - grid)[0] * torch.tensor([shape[1] / 2, shape[0] / 2])
    assert 2 < moved.std() < 5
    # Nowhere so steep that the plane would fold over.
    assert moved.diff(dim=0).abs().max() < 1
    assert moved.diff(dim=1).abs().max() < 1
    assert bend(grid, [Draw(), Draw()], shape) is grid


def test_masks_are_bent_with_their_image() -> None:
    disc = torch.zeros(1, 1, 96, 96)
    disc[..., 30:60, 40:70] = 1
    grid = sampling_grid(centred(np.eye(2), (96, 96), (96, 96), (0, 0))[None], (96, 96), (96, 96))
    grid = bend(grid, [Draw(bend_px=5.0, noise_seed=1)], (96, 96))
    image, mask = warp(disc, grid, background=0.0), warp_masks(disc, grid)
    assert not torch.equal(mask, disc)
    assert torch.equal(mask, image.ge(0.5).float())
