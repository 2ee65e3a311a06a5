"""Changes of intensity, applied to normalised batches on any device."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from deepvein.examples.augmentation import Draw


def change_intensity(images: Tensor, draws: Sequence[Draw]) -> Tensor:
    """(batch, channel, …, row, column) with resolution, blur, gamma, tone, gain, offset, noise of `draws`.

    Each example keeps its own change; the channels of one example (its slices) share it.
    """
    out = torch.stack(
        [
            _tone(_gamma(_detail(image, draw), draw.gamma), draw.tone)
            for image, draw in zip(images, draws, strict=True)
        ]
    )
    shape = (-1, *(1,) * (images.ndim - 1))
    gain = torch.tensor([draw.gain for draw in draws], dtype=out.dtype, device=out.device)
    offset = torch.tensor([draw.offset for draw in draws], dtype=out.dtype, device=out.device)
    out = out * gain.reshape(shape) + offset.reshape(shape)
    for image, draw in zip(out, draws, strict=True):
        if draw.noise:
            generator = torch.Generator(images.device).manual_seed(draw.noise_seed)
            field = torch.randn(image.shape, generator=generator, device=images.device)
            image.add_(field, alpha=draw.noise)
    return out


def blur(image: Tensor, sd_px: float) -> Tensor:
    """(…, row, column) smoothed by a Gaussian of `sd_px` pixels, edges continued; itself for 0."""
    if sd_px <= 0:
        return image
    radius = max(1, math.ceil(3 * sd_px))
    offsets = torch.arange(-radius, radius + 1, device=image.device, dtype=torch.float32)
    kernel = torch.exp(-0.5 * (offsets / sd_px) ** 2)
    kernel = (kernel / kernel.sum()).reshape(1, 1, 1, -1)
    flat = image.reshape(-1, 1, *image.shape[-2:])
    flat = functional.conv2d(functional.pad(flat, (radius, radius, 0, 0), mode="replicate"), kernel)
    flat = functional.pad(flat, (0, 0, radius, radius), mode="replicate")
    return functional.conv2d(flat, kernel.transpose(2, 3)).reshape(image.shape)


def _detail(image: Tensor, draw: Draw) -> Tensor:
    if draw.resolution > 1:
        rows, columns = image.shape[-2:]
        size = (max(1, round(rows / draw.resolution)), max(1, round(columns / draw.resolution)))
        flat = image.reshape(1, -1, rows, columns)
        small = functional.interpolate(flat, size, mode="bilinear", antialias=True)
        image = functional.interpolate(small, (rows, columns), mode="bilinear").reshape(image.shape)
    return blur(image, draw.blur_px)


def _gamma(image: Tensor, exponent: float) -> Tensor:
    if exponent == 1:
        return image
    least = image.amin()
    extent = (image.amax() - least).clamp_min(1e-6)
    return ((image - least) / extent) ** exponent * extent + least


def _tone(image: Tensor, heights: Sequence[float]) -> Tensor:
    if not heights:
        return image
    curve = torch.tensor(heights, dtype=image.dtype, device=image.device)
    least = image.amin()
    extent = (image.amax() - least).clamp_min(1e-6)
    place = (image - least) / extent * (len(heights) - 1)
    piece = place.long().clamp_max(len(heights) - 2)
    low, high = curve[piece], curve[piece + 1]
    return (low + (high - low) * (place - piece)) * extent + least
