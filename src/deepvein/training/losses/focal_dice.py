"""The focal loss and soft Dice together."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor

from deepvein.training.losses.dice import SoftDice
from deepvein.training.losses.focal import Focal
from deepvein.training.losses.loss import LOSSES


@LOSSES.register("focal+dice")
@dataclass(frozen=True)
class FocalDice:
    """Focal loss plus `dice_weight` times soft Dice."""

    focal: Focal = field(default_factory=Focal)
    dice: SoftDice = field(default_factory=SoftDice)
    dice_weight: float = 1.0

    def __call__(self, logits: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
        dice = self.dice(logits, targets, weights)
        return self.focal(logits, targets, weights) + self.dice_weight * dice
