"""Affine sampling of batches of planes and of coarse volumes, in voxel coordinates."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor
from torch.nn import functional

from deepvein.examples.augmentation import Draw

_BEND_STEP_PX = 32
"""Between the points that are displaced: 24 mm at 0.75 mm a pixel, a muscle's breadth."""

Float = NDArray[np.float64]


def centred(matrix: Float, given: Sequence[int], wanted: Sequence[int], shift: ArrayLike) -> Float:
    """(n, n+1) map of output to input voxel indices that takes the output's centre to the input's.

    matrix: (n, n) on offsets from the centre. given, wanted: shapes of input and output. shift: of the
    content, in output voxels.
    """
    middle_in = (np.asarray(given, dtype=np.float64) - 1) / 2
    middle_out = (np.asarray(wanted, dtype=np.float64) - 1) / 2
    start = middle_in - matrix @ (middle_out + np.asarray(shift, dtype=np.float64))
    return np.concatenate([matrix, start[:, None]], axis=1)


def sampling_grid(
    maps: Float, given: Sequence[int], wanted: Sequence[int], device: torch.device | str = "cpu"
) -> Tensor:
    """Where each output voxel looks, (batch, *wanted, n) in torch's coordinates, for `warp`.

    maps: (batch, n, n+1), output voxel indices -> input voxel indices in array order, for n = 2 or 3.
    """
    size_in, size_out = np.asarray(given, dtype=np.float64), np.asarray(wanted, dtype=np.float64)
    linear, start = maps[:, :, :-1], maps[:, :, -1]
    # torch's coordinates run from -1 to 1 over the outer edges, the last axis first:
    # index = (u + 1) * size / 2 - 1/2, so u = (2 * index + 1) / size - 1.
    matrix = linear * size_out / size_in[:, None]
    middle = start + linear @ ((size_out - 1) / 2)
    offset = (2 * middle + 1) / size_in - 1
    turned = np.concatenate([matrix[:, ::-1, ::-1], offset[:, ::-1, None]], axis=2)
    theta = torch.from_numpy(np.ascontiguousarray(turned, dtype=np.float32)).to(device)
    return functional.affine_grid(theta, [len(maps), 1, *wanted], align_corners=False)


def bend(grid: Tensor, draws: Sequence[Draw], given: Sequence[int]) -> Tensor:
    """A grid of `sampling_grid`, (batch, rows, columns, 2), displaced as `draws` say; itself where none does.

    given: (rows, columns) of what is sampled. The displacement of a draw is the same on every machine.
    """
    if not any(draw.bend_px for draw in draws):
        return grid
    rows, columns = grid.shape[1:3]
    size = [math.ceil(n / _BEND_STEP_PX) + 1 for n in (rows, columns)]
    whole = [n * _BEND_STEP_PX for n in size]
    fields = []
    for draw in draws:
        generator = torch.Generator().manual_seed(draw.noise_seed)
        points = torch.randn((1, 2, *size), generator=generator) * draw.bend_px
        field = functional.interpolate(points, whole, mode="bicubic")
        fields.append(field[..., :rows, :columns])
    # Half the range of torch's coordinates is half of what is sampled, the last axis first.
    half = torch.tensor([given[1] / 2, given[0] / 2]).to(grid)
    return grid + torch.cat(fields).permute(0, 2, 3, 1).to(grid) / half


def warp(
    images: Tensor, grid: Tensor, *, background: float | Tensor, nearest: bool = False
) -> Tensor:
    """(batch, channel, *given) at the places of `grid`, linear or nearest: float32 (batch, channel, *wanted).

    What lies outside takes the value `background` (one, or one an example), blended over the last voxel
    where linear.
    """
    # grid_sample pads with 0: a shifted copy makes that the background.
    sampled = functional.grid_sample(
        images.float().sub(background),
        grid,
        mode="nearest" if nearest else "bilinear",
        padding_mode="zeros",
        align_corners=False,
    )
    return sampled.add_(background)


def warp_masks(masks: Tensor, grid: Tensor) -> Tensor:
    """(batch, target, *given) masks of 0 and 1 at the places of `grid`: 1 where half is covered."""
    return warp(masks, grid, background=0.0).ge(0.5).float()
