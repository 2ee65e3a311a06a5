"""A batch of examples, and what gives them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import torch
from torch import Tensor

from deepvein.examples.settings import ExampleSettings

if TYPE_CHECKING:
    from deepvein.cohorts.moments import Moments


@dataclass(frozen=True)
class Batch:
    """What one training step sees.

    inputs: float32, (batch, channel, row, column) or (batch, channel, slice, row, column).
    targets: float32 masks (batch, target, [slice,] row, column); int64 slice labels (batch,); or int64
    territory maps (batch, slice, row, column) with IGNORE where nothing is known.
    weights: float32 like targets, or None for equal weights.
    cases: the case name of each example.
    """

    inputs: Tensor
    targets: Tensor
    weights: Tensor | None = None
    cases: tuple[str, ...] = ()

    def to(self, device: torch.device | str) -> Batch:
        """The batch on a device; itself if it is there already."""
        weights = None if self.weights is None else self.weights.to(device, non_blocking=True)
        return replace(
            self,
            inputs=self.inputs.to(device, non_blocking=True),
            targets=self.targets.to(device, non_blocking=True),
            weights=weights,
        )

    def __len__(self) -> int:
        return len(self.inputs)


IGNORE = -100
"""Target of voxels that the loss leaves out; the default of torch's cross-entropy."""


@runtime_checkable
class ExampleSource(Protocol):
    """Stateless: `batch(step)` depends on the source's seed and on `step` alone.

    In training `step` is any number from 0 and `len` is the steps of an epoch; several processes take
    turns (step * processes + rank). Without training the batches 0 to len - 1 are a fixed set.
    """

    @property
    def settings(self) -> ExampleSettings: ...

    @property
    def moments(self) -> Moments | None:
        """Mean and SD of the training images where the normalisation needs them, else None."""

    def batch(self, step: int) -> Batch: ...

    def __len__(self) -> int: ...
