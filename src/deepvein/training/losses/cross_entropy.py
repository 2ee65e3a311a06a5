"""Cross-entropy over classes."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import cross_entropy

from deepvein.core.errors import UsageError
from deepvein.training.losses.loss import LOSSES
from deepvein.training.losses.pixelwise import precise


@LOSSES.register("cross-entropy")
@dataclass(frozen=True)
class CrossEntropy:
    """-log softmax(logits)[target], averaged over an example's pixels that are not `ignore`.

    ignore: the label of pixels of which nothing is known; an example that has no others counts 0.
    class_weights: multiply each class's part; empty for 1 each.
    """

    ignore: int = -100
    class_weights: tuple[float, ...] = ()

    def __call__(self, logits: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
        if logits.shape[:1] + logits.shape[2:] != targets.shape:
            raise UsageError(
                f"cross-entropy of logits {tuple(logits.shape)} takes class indices "
                f"{tuple(logits.shape[:1] + logits.shape[2:])}, got {tuple(targets.shape)}"
            )
        if self.class_weights and len(self.class_weights) != logits.shape[1]:
            raise UsageError(
                f"{len(self.class_weights)} class weights do not fit {logits.shape[1]} classes"
            )
        logits, targets = precise(logits), targets.long()
        scale = logits.new_tensor(self.class_weights) if self.class_weights else None
        loss = cross_entropy(
            logits, targets, weight=scale, ignore_index=self.ignore, reduction="none"
        )
        if weights is not None:
            loss = loss * weights
        examples = len(targets)
        known = (targets != self.ignore).reshape(examples, -1).sum(1).clamp(min=1)
        return (loss.reshape(examples, -1).sum(1) / known).mean()
