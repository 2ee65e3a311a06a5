"""Affine sampling of batches of planes and of coarse volumes, in voxel coordinates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor
from torch.nn import functional

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


def warp(
    images: Tensor,
    maps: NDArray[np.float64],
    shape: Sequence[int],
    *,
    background: float | Tensor,
    nearest: bool,
) -> Tensor:
    """(batch, channel, *given) sampled at (batch, channel, *shape), linear or nearest, as float32.

    maps: (batch, n, n+1), output voxel indices -> input voxel indices, in array order, for n = 2 or 3.
    What lies outside takes the value `background` (one, or one an example), blended over the last voxel
    where linear.
    """
    grid = functional.affine_grid(
        _normalised(maps, images.shape[2:], shape).to(images.device),
        [len(images), 1, *shape],
        align_corners=False,
    )
    # grid_sample pads with 0: a shifted copy makes that the background.
    sampled = functional.grid_sample(
        images.float() - background,
        grid,
        mode="nearest" if nearest else "bilinear",
        padding_mode="zeros",
        align_corners=False,
    )
    return sampled + background


def _normalised(maps: Float, given: Sequence[int], wanted: Sequence[int]) -> Tensor:
    """The same maps on torch's coordinates: -1..1 over the outer edges, last axis first."""
    size_in, size_out = np.asarray(given, dtype=np.float64), np.asarray(wanted, dtype=np.float64)
    linear, start = maps[:, :, :-1], maps[:, :, -1]
    # index = (u + 1) * size / 2 - 1/2 for the output, u = (2 * index + 1) / size - 1 for the input.
    matrix = linear * size_out[None, None, :] / size_in[None, :, None]
    middle = start + (linear @ ((size_out - 1) / 2))
    offset = (2 * middle + 1) / size_in - 1
    turned = np.concatenate([matrix[:, ::-1, ::-1], offset[:, ::-1, None]], axis=2)
    return torch.from_numpy(np.ascontiguousarray(turned, dtype=np.float32))
