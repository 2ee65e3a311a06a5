"""Binary cross-entropy."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from deepvein.training.losses.loss import LOSSES, require
from deepvein.training.losses.pixelwise import (
    alike,
    binary_cross_entropy,
    weighted_mean,
)


@LOSSES.register("bce")
@dataclass(frozen=True)
class BinaryCrossEntropy:
    """Weighted binary cross-entropy; `positive_weight` multiplies the part of foreground pixels."""

    positive_weight: float = 1.0

    def __post_init__(self) -> None:
        require(self.positive_weight > 0, "positive_weight", self.positive_weight, "larger than 0")

    def __call__(self, logits: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
        logits, targets = alike(logits, targets)
        return weighted_mean(binary_cross_entropy(logits, targets, self.positive_weight), weights)
