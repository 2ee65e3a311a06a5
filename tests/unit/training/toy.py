"""A small problem for tests of the loop: find the bright squares in noise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor, nn

from deepvein.networks.gn_unet import GN_UNET, GNUNetSettings


@dataclass(frozen=True)
class ToyBatch:
    inputs: Tensor
    targets: Tensor
    weights: Tensor | None = None
    cases: tuple[str, ...] = ()

    def to(self, device: torch.device) -> Self:
        return replace(self, inputs=self.inputs.to(device), targets=self.targets.to(device))


@dataclass(frozen=True)
class ToySource:
    """Batches of 16×16 images; `poisoned` is the number of a batch that holds NaN."""

    seed: int = 0
    size: int = 2
    batches: int = 4
    poisoned: int | None = None

    def __len__(self) -> int:
        return self.batches

    def batch(self, step: int) -> ToyBatch:
        generator = torch.Generator().manual_seed(1000 * self.seed + step)
        targets = torch.zeros(self.size, 1, 16, 16)
        for example in range(self.size):
            row, column = torch.randint(0, 12, (2,), generator=generator).tolist()
            targets[example, 0, row : row + 4, column : column + 4] = 1
        noise = 0.3 * torch.randn(self.size, 1, 16, 16, generator=generator)
        inputs = targets + noise
        if step == self.poisoned:
            inputs[0, 0, 0, 0] = torch.nan
        return ToyBatch(inputs, targets, cases=tuple(f"case {step}" for _ in range(self.size)))


def toy_network(seed: int = 0) -> nn.Module:
    return GN_UNET.build(GNUNetSettings(base=4, depth=1), seed)
