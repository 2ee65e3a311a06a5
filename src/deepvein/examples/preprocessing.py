"""From a volume to network inputs and back to its planes: the same code for training and inference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from deepvein.core.errors import MaskError
from deepvein.examples.normalisation import Scaling, normalise
from deepvein.examples.settings import ChunkSettings, ImageSettings
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

if TYPE_CHECKING:
    from deepvein.examples.slices import SliceExamples

EMPTY = -1
"""Index of a slice beyond the ends of the stack: an empty image."""


def neighbours(index: int, slices: int, settings: SliceExamples, spacing_mm: float) -> list[int]:
    """Indices of the neighbouring slices that are the channels of slice `index`, itself in the middle.

    The stride is that number of slices (1 or more) that comes nearest to `slice_step_mm` at the slice
    spacing `spacing_mm`. EMPTY beyond the ends of a stack of `slices`.
    """
    step = settings.slice_step_mm
    stride = 1 if step is None else max(1, round(step / spacing_mm))
    half = settings.slices // 2
    wanted = range(index - half * stride, index + half * stride + 1, stride)
    return [n if 0 <= n < slices else EMPTY for n in wanted]


def chunk_starts(slices: int, settings: ChunkSettings) -> range:
    """The first slice of each chunk of a stack; it may be negative, and the last chunk may overhang."""
    if settings.target == "centre":
        half = settings.length // 2
        return range(-half, slices - half, settings.stride)
    return range(0, slices, settings.stride)


def chunk(start: int, slices: int, settings: ChunkSettings) -> list[int]:
    """Slice indices of the chunk that begins at `start`, EMPTY beyond the ends."""
    wanted = range(start, start + settings.length)
    return [n if 0 <= n < slices else EMPTY for n in wanted]


def network_spacing(grid: Grid, settings: ImageSettings) -> tuple[float, float]:
    """In-plane voxel size (row, column) in mm that the network sees of a volume on `grid`."""
    rows, columns = grid.spacing_mm[1:]
    if settings.size is not None:
        return (
            rows * grid.shape[1] / settings.size[0],
            columns * grid.shape[2] / settings.size[1],
        )
    return _near(rows, settings), _near(columns, settings)


def network_shape(grid: Grid, settings: ImageSettings) -> tuple[int, int]:
    """(rows, columns) of a whole slice as the network sees it."""
    if settings.size is not None:
        return settings.size
    wanted = network_spacing(grid, settings)
    rows, columns = (
        max(1, round(n * have / want))
        for n, have, want in zip(grid.shape[1:], grid.spacing_mm[1:], wanted, strict=True)
    )
    return rows, columns


def read_planes(
    array: NDArray[Any],
    indices: Sequence[int],
    background: float,
    window: tuple[int, int, int, int] | None = None,
) -> NDArray[Any]:
    """Slices of a (slice, row, column) array as a new contiguous (len(indices), rows, columns) array.

    window: (first row, first column, rows, columns), which may reach over the edges; None is the whole
    slice. EMPTY slices and what lies outside take the value `background`.
    """
    top, left, rows, columns = window or (0, 0, *array.shape[1:])
    # torch takes arrays in the machine's byte order alone; a mapped file may have the other.
    kind = array.dtype.newbyteorder("=")
    out = np.full((len(indices), rows, columns), background, dtype=kind)
    r0, r1 = max(top, 0), min(top + rows, array.shape[1])
    c0, c1 = max(left, 0), min(left + columns, array.shape[2])
    if r0 < r1 and c0 < c1:
        for place, index in enumerate(indices):
            if index != EMPTY:
                out[place, r0 - top : r1 - top, c0 - left : c1 - left] = array[index, r0:r1, c0:c1]
    return out


def resize(images: Tensor, size: tuple[int, int]) -> Tensor:
    """(batch, channel, row, column) float images at `size`, linear with antialiasing; itself if equal."""
    if tuple(images.shape[-2:]) == size:
        return images
    return functional.interpolate(
        images, size=size, mode="bilinear", align_corners=False, antialias=True
    )


def resize_masks(masks: Tensor, size: tuple[int, int]) -> Tensor:
    """(batch, target, row, column) masks of 0 and 1 at `size`: set where half of the pixel is covered."""
    return (resize(masks.float(), size) >= 0.5).float()


def slice_inputs(
    volume: Volume,
    indices: Sequence[int],
    settings: SliceExamples,
    scale: Scaling,
    *,
    veins: NDArray[Any] | None = None,
    window: tuple[int, int, int, int] | None = None,
    device: torch.device | str = "cpu",
) -> Tensor:
    """Network inputs of the slices `indices`, float32 (len(indices), channels, rows, columns).

    scale: `normalisation.scaling(volume, settings.normalisation, moments)`, once a volume.
    veins: (slice, row, column), 1 in a deep vein; required where `settings.vein_channel` is set.
    window: part of the slices in voxels of the volume (first row, first column, rows, columns), taken at
    native size; None takes whole slices at `network_shape`.
    """
    spacing = volume.grid.spacing_mm[0]
    stacks = [neighbours(i, volume.grid.shape[0], settings, spacing) for i in indices]
    flat = [index for stack in stacks for index in stack]
    planes = read_planes(volume.array, flat, settings.normalisation.background, window)
    images = torch.from_numpy(planes).to(device)
    images = images.reshape(len(stacks), settings.slices, *images.shape[1:])
    inputs = normalise(images, [scale] * len(stacks))
    if settings.vein_channel:
        if veins is None:
            raise MaskError(
                "this network takes a deep-vein mask as an input channel; none was given"
            )
        mask = read_planes(veins, list(indices), 0, window)
        channel = torch.from_numpy(mask).to(device).float().unsqueeze(1)
        inputs = torch.cat([inputs, channel], dim=1)
    return inputs if window is not None else resize(inputs, network_shape(volume.grid, settings))


def _near(native_mm: float, settings: ImageSettings) -> float:
    wanted = settings.spacing_mm
    if wanted is None or abs(native_mm / wanted - 1) <= settings.spacing_tolerance:
        return native_mm
    return wanted
