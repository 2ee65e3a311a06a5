"""The focal loss."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from deepvein.training.losses.loss import LOSSES, require
from deepvein.training.losses.pixelwise import (
    alike,
    binary_cross_entropy,
    weighted_mean,
)


@LOSSES.register("focal")
@dataclass(frozen=True)
class Focal:
    """-α_t (1 - p_t)^γ log p_t of Lin et al. 2017, Eq. (5), averaged over the pixels.

    gamma: how strongly pixels that are already right are played down; 0 is cross-entropy.
    alpha: weight of the foreground, 1 - alpha that of the background; None for 1 and 1.
    The defaults are those that Lin et al. found best; Huang et al. 2019 do not name theirs.
    """

    gamma: float = 2.0
    alpha: float | None = 0.25

    def __post_init__(self) -> None:
        require(self.gamma >= 0, "gamma", self.gamma, "0 or larger")
        require(self.alpha is None or 0 < self.alpha < 1, "alpha", self.alpha, "between 0 and 1")

    def __call__(self, logits: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
        logits, targets = alike(logits, targets)
        probability = logits.sigmoid()
        missing = probability + targets - 2 * probability * targets
        loss = binary_cross_entropy(logits, targets) * missing**self.gamma
        if self.alpha is not None:
            loss = loss * (self.alpha * targets + (1 - self.alpha) * (1 - targets))
        return weighted_mean(loss, weights)
