"""Soft Dice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from deepvein.training.losses.loss import LOSSES, require
from deepvein.training.losses.pixelwise import (
    overlaps,
)


@LOSSES.register("dice")
@dataclass(frozen=True)
class SoftDice:
    """1 - (2 Σtp + s) / (Σt + Σp + s), averaged over the channels; 0 where both are empty.

    over: the sums run over each example alone, or over the whole batch, which is steadier where many
    examples are empty.
    """

    smoothing: float = 1.0
    over: Literal["example", "batch"] = "example"

    def __post_init__(self) -> None:
        require(self.smoothing > 0, "smoothing", self.smoothing, "larger than 0")

    def __call__(self, logits: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
        both, either = overlaps(logits, targets, weights)
        if self.over == "batch":
            both, either = both.sum(0), either.sum(0)
        return (1 - (2 * both + self.smoothing) / (either + self.smoothing)).mean()
