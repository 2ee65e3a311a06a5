"""Intensities to network inputs, the same way in training and in inference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepvein.cohorts.moments import Moments
from deepvein.core.errors import SettingsError
from deepvein.examples.settings import NormalisationSettings
from deepvein.volumes.volume import Volume

_SAMPLES = 2_000_000
"""Voxels, evenly spread, that stand for a volume's percentiles."""


@dataclass(frozen=True)
class Scaling:
    """y = (clip(x, low, high) - centre) / width; `centre` None takes each image's minimum and range."""

    low: float = -math.inf
    high: float = math.inf
    centre: float | None = None
    width: float = 1.0


def scaling(
    volume: Volume, settings: NormalisationSettings, moments: Moments | None = None
) -> Scaling:
    """The scaling of one volume; `moments` are those of the training images and needed to standardise.

    A constant volume is scaled to 0.
    """
    low, high = settings.clip or (-math.inf, math.inf)
    if settings.kind == "minmax":
        return Scaling(low, high)
    if settings.kind == "window":
        middle, half = (settings.low + settings.high) / 2, (settings.high - settings.low) / 2
        return Scaling(max(low, settings.low), min(high, settings.high), middle, half)
    if settings.kind == "percentile":
        return _between_percentiles(volume.array, settings)
    if moments is None:
        raise SettingsError("standardising needs the mean and SD of the training images (moments)")
    return Scaling(low, high, moments.mean, moments.sd or 1.0)


def normalise(images: Tensor, scalings: Sequence[Scaling]) -> Tensor:
    """(batch, …, row, column) images in their own unit to float32 inputs, one scaling an example.

    Where a scaling goes by the image's own range, each (row, column) image is scaled by itself, and a
    constant image becomes 0.
    """
    shape = (-1, *(1,) * (images.ndim - 1))

    def column(values: list[float]) -> Tensor:
        return torch.tensor(values, dtype=torch.float32, device=images.device).reshape(shape)

    low, high = column([s.low for s in scalings]), column([s.high for s in scalings])
    clipped = images.float().clamp(low, high)
    if all(s.centre is not None for s in scalings):
        centre, width = (
            column([s.centre or 0.0 for s in scalings]),
            column([s.width for s in scalings]),
        )
        return (clipped - centre) / width
    if any(s.centre is not None for s in scalings):
        raise SettingsError("a batch mixes scaling by the image with scaling by the volume")
    least = clipped.amin((-2, -1), keepdim=True)
    extent = clipped.amax((-2, -1), keepdim=True) - least
    return (clipped - least) / torch.where(extent > 0, extent, torch.ones_like(extent))


def empty_value(scale: Scaling, settings: NormalisationSettings) -> float:
    """What `settings.background`, an empty image, becomes in a network's input."""
    if scale.centre is None:
        return 0.0
    return (min(max(settings.background, scale.low), scale.high) - scale.centre) / scale.width


def _between_percentiles(array: NDArray[np.generic], settings: NormalisationSettings) -> Scaling:
    step = max(1, math.ceil((array.size / _SAMPLES) ** (1 / 3)))
    sample = np.asarray(array[::step, ::step, ::step], dtype=np.float32)
    if settings.clip is not None:
        sample = sample.clip(*settings.clip)
    low, high = (float(v) for v in np.percentile(sample, (settings.low, settings.high)))
    return Scaling(low, high, low, (high - low) or 1.0)
