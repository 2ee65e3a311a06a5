"""How good a network is on the validation examples, from sums that batches and processes add up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from deepvein.core.registry import Registry

if TYPE_CHECKING:
    from torch import Tensor

_BINS = 1000


@dataclass(frozen=True)
class Score:
    """sums: (logits, targets, weights) of a batch to a tensor (n, ...) of double precision that adds up.

    values: the added sums to n values in [0, 1], one a channel or class, nan where nothing can be said;
    the score is their mean without nan.
    """

    sums: Callable[[Tensor, Tensor, Tensor | None], Tensor]
    values: Callable[[Tensor], Tensor]


def overall(values: Tensor) -> float:
    """The mean of the values that are not nan; nan if all are."""
    return float(values.nanmean())


SCORES: Registry[Score] = Registry("score")


def _dice_sums(logits: Tensor, targets: Tensor, weights: Tensor | None) -> Tensor:
    """(channel, 3): twice the overlap, the sum of both masks and the truth alone, of logits above 0."""
    positive, truth = logits > 0, targets > 0.5
    if weights is not None:
        known = (weights > 0).expand_as(truth)
        positive, truth = positive & known, truth & known
    axes = [0, *range(2, logits.ndim)]
    both = (positive & truth).sum(axes)
    shown = truth.sum(axes)
    return torch.stack([2 * both, positive.sum(axes) + shown, shown], dim=1)


def _class_dice_sums(logits: Tensor, targets: Tensor, weights: Tensor | None) -> Tensor:
    """(class, 3) as for masks, of the class of the highest logit; negative targets are left out."""
    classes = logits.shape[1]
    known = targets >= 0
    truth, chosen = targets[known], logits.argmax(1)[known]
    both = torch.bincount(truth[truth == chosen], minlength=classes)
    shown = torch.bincount(truth, minlength=classes)
    either = shown + torch.bincount(chosen, minlength=classes)
    return torch.stack([2 * both, either, shown], dim=1)


def _dice_values(sums: Tensor) -> Tensor:
    """nan for what no example shows: as 0 where something is found and nan where nothing is, it would choose
    the epoch that finds nothing."""
    twice, either, shown = sums.cpu().double().unbind(1)
    return torch.where(shown > 0, twice / either, torch.nan)


def _foreground_dice_values(sums: Tensor) -> Tensor:
    """Without class 0, the background."""
    return _dice_values(sums[1:])


def _auroc_sums(logits: Tensor, targets: Tensor, weights: Tensor | None) -> Tensor:
    """(1, 2, bins): histograms of the probability of class 1 (of two) of negatives and of positives."""
    probability = logits.softmax(1)[:, 1]
    bins = (probability * _BINS).long().clamp(max=_BINS - 1)
    counts = [torch.bincount(bins[targets == label], minlength=_BINS) for label in (0, 1)]
    return torch.stack(counts)[None]


def _auroc_values(sums: Tensor) -> Tensor:
    """The chance that a positive lies above a negative, half of it where they share a bin."""
    negatives, positives = sums[0].cpu().double()
    below = negatives.cumsum(0) - negatives / 2
    value: Tensor = positives @ below / (positives.sum() * negatives.sum())
    return value[None]


SCORES.add("dice", Score(_dice_sums, _dice_values))
SCORES.add("class-dice", Score(_class_dice_sums, _foreground_dice_values))
SCORES.add("auroc", Score(_auroc_sums, _auroc_values))
