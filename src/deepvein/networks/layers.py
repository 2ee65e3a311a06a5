"""Layers that several architectures share, in two or three dimensions."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn

from deepvein.core.errors import UsageError

Normalisation = Literal["group", "batch", "instance", "none"]

_CONVOLUTION: dict[int, type[nn.Conv2d] | type[nn.Conv3d]] = {2: nn.Conv2d, 3: nn.Conv3d}
_TRANSPOSED: dict[int, type[nn.ConvTranspose2d] | type[nn.ConvTranspose3d]] = {
    2: nn.ConvTranspose2d,
    3: nn.ConvTranspose3d,
}
_POOLING: dict[int, type[nn.MaxPool2d] | type[nn.MaxPool3d]] = {2: nn.MaxPool2d, 3: nn.MaxPool3d}
_BATCH: dict[int, type[nn.BatchNorm2d] | type[nn.BatchNorm3d]] = {
    2: nn.BatchNorm2d,
    3: nn.BatchNorm3d,
}
_INSTANCE: dict[int, type[nn.InstanceNorm2d] | type[nn.InstanceNorm3d]] = {
    2: nn.InstanceNorm2d,
    3: nn.InstanceNorm3d,
}


def convolution(incoming: int, outgoing: int, kernel: tuple[int, ...]) -> nn.Module:
    """A convolution that keeps the size, as many-dimensional as its (odd) kernel."""
    padding = tuple(size // 2 for size in kernel)
    return _CONVOLUTION[len(kernel)](incoming, outgoing, kernel, padding=padding)  # type: ignore[arg-type]


def pooling(factor: tuple[int, ...]) -> nn.Module:
    """Max pooling that divides each axis by its factor."""
    return _POOLING[len(factor)](factor)


def upsampling(
    incoming: int, outgoing: int, factor: tuple[int, ...], kind: Literal["nearest", "transposed"]
) -> nn.Module:
    """Multiplies each axis by its factor; only the transposed kind changes the number of channels."""
    if kind == "nearest":
        return nn.Upsample(scale_factor=tuple(float(size) for size in factor), mode="nearest")
    return _TRANSPOSED[len(factor)](incoming, outgoing, factor, stride=factor)  # type: ignore[arg-type]


def normalisation(kind: Normalisation, channels: int, dimensions: int, groups: int) -> nn.Module:
    """Group norm takes the largest number of groups that divides both `groups` and `channels`."""
    if kind == "none":
        return nn.Identity()
    if kind == "batch":
        return _BATCH[dimensions](channels)
    if kind == "instance":
        return _INSTANCE[dimensions](channels, affine=True)
    return nn.GroupNorm(math.gcd(groups, channels), channels)


class Convolutions(nn.Sequential):
    """`count` times convolution, normalisation, ReLU: (B, incoming, *size) to (B, outgoing, *size)."""

    def __init__(
        self,
        incoming: int,
        outgoing: int,
        kernel: tuple[int, ...],
        kind: Normalisation,
        groups: int,
        count: int = 2,
    ) -> None:
        layers: list[nn.Module] = []
        for channels in (incoming, *[outgoing] * (count - 1)):
            layers.append(convolution(channels, outgoing, kernel))
            layers.append(normalisation(kind, outgoing, len(kernel), groups))
            layers.append(nn.ReLU(inplace=True))
        super().__init__(*layers)


class Head(nn.Module):
    """The last convolution; `prior` is the probability its sigmoid starts from, None for logits at 0.

    Starting from a small foreground probability keeps the many background pixels from swamping the
    first steps (Lin et al. 2017, section 4.1).
    """

    def __init__(
        self, incoming: int, classes: int, dimensions: int, prior: float | None, kernel: int = 1
    ) -> None:
        super().__init__()
        self.convolution = convolution(incoming, classes, (kernel,) * dimensions)
        self.prior = prior

    def initialise(self, generator: torch.Generator) -> None:
        weight, bias = self.convolution.weight, self.convolution.bias
        if not isinstance(weight, Tensor) or not isinstance(bias, Tensor):
            raise TypeError("the head's convolution has no weight or bias")
        nn.init.normal_(weight, std=0.01, generator=generator)
        prior = 0.5 if self.prior is None else self.prior
        nn.init.constant_(bias, math.log(prior / (1 - prior)))

    def forward(self, inputs: Tensor) -> Tensor:
        logits: Tensor = self.convolution(inputs)
        return logits


def require_shape(inputs: Tensor, channels: int, factors: tuple[int, ...]) -> None:
    """UsageError unless inputs are (B, channels, *size) with each size a multiple of its factor."""
    size = tuple(inputs.shape[2:])
    if inputs.ndim != len(factors) + 2 or inputs.shape[1] != channels:
        axes = ", ".join(["batch", str(channels), "slice", "row", "column"][: len(factors) + 2])
        axes = axes if len(factors) == 3 else f"batch, {channels}, row, column"
        raise UsageError(f"the network takes inputs ({axes}), got {tuple(inputs.shape)}")
    if any(length % factor for length, factor in zip(size, factors, strict=True)):
        fits = tuple(
            -(-length // factor) * factor for length, factor in zip(size, factors, strict=True)
        )
        raise UsageError(
            f"the network takes sizes that are multiples of {factors}, got {size}; pad to {fits}"
        )
