"""What losses over pixels have in common."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import logsigmoid

from deepvein.core.errors import UsageError


def alike(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Both in the same precision, at least single; UsageError unless their shapes are the same."""
    if logits.shape != targets.shape:
        raise UsageError(
            f"logits {tuple(logits.shape)} and targets {tuple(targets.shape)} must have the same shape"
        )
    logits = precise(logits)
    return logits, targets.to(logits.dtype)


def precise(logits: Tensor) -> Tensor:
    """At least single precision, in which sums over an image are exact enough."""
    return logits if logits.element_size() >= 4 else logits.float()


def binary_cross_entropy(logits: Tensor, targets: Tensor, positive_weight: float = 1.0) -> Tensor:
    """Each pixel's, not averaged; `positive_weight` multiplies the part of the foreground."""
    return -(positive_weight * targets * logsigmoid(logits) + (1 - targets) * logsigmoid(-logits))


def weighted_mean(loss: Tensor, weights: Tensor | None) -> Tensor:
    """The mean over all pixels of their losses times their weights."""
    return (loss if weights is None else loss * weights).mean()


def overlaps(logits: Tensor, targets: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
    """Σtp and Σt + Σp of each example and channel, both (B, C)."""
    logits, targets = alike(logits, targets)
    probability = logits.sigmoid()
    both, either = probability * targets, probability + targets
    if weights is not None:
        both, either = both * weights, either * weights
    return both.flatten(2).sum(2), either.flatten(2).sum(2)
