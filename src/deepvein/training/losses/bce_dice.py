"""Binary cross-entropy and soft Dice together."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor

from deepvein.training.losses.bce import BinaryCrossEntropy
from deepvein.training.losses.dice import SoftDice
from deepvein.training.losses.loss import LOSSES


@LOSSES.register("bce+dice")
@dataclass(frozen=True)
class CrossEntropyDice:
    """Binary cross-entropy plus `dice_weight` times soft Dice."""

    bce: BinaryCrossEntropy = field(default_factory=BinaryCrossEntropy)
    dice: SoftDice = field(default_factory=SoftDice)
    dice_weight: float = 1.0

    def __call__(self, logits: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
        dice = self.dice(logits, targets, weights)
        return self.bce(logits, targets, weights) + self.dice_weight * dice
