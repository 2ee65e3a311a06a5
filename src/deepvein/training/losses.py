"""What training makes small. A loss is a frozen dataclass of its settings that is called with tensors.

All but cross-entropy take logits (B, C, *size) before the sigmoid and targets of the same shape with
values in [0, 1]. Cross-entropy takes logits (B, C, *size) before the softmax and class indices (B, *size),
where *size may be empty: one label an example.
`weights`, where given, broadcasts over the targets and multiplies each pixel's part: 0 where nothing is
known, such as (B, C, 1, 1) for channels that an example does not label. A loss is the mean over the
examples of the batch of their own losses, so that two batches weigh as one of twice the size (SoftDice
over the batch excepted). The result is a scalar of at least single precision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from deepvein.core.errors import SettingsError, UsageError
from deepvein.core.registry import Registry

if TYPE_CHECKING:
    from torch import Tensor

Loss = Callable[["Tensor", "Tensor", "Tensor | None"], "Tensor"]
"""Called with logits, targets and weights or None; gives a scalar."""

LOSSES: Registry[type[Any]] = Registry("loss")
"""The dataclasses below: an instance of each is a `Loss`."""


@LOSSES.register("bce")
@dataclass(frozen=True)
class BinaryCrossEntropy:
    """Weighted binary cross-entropy; `positive_weight` multiplies the part of foreground pixels."""

    positive_weight: float = 1.0

    def __post_init__(self) -> None:
        _require(self.positive_weight > 0, "positive_weight", self.positive_weight, "larger than 0")

    def __call__(self, logits: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
        logits, targets = _alike(logits, targets)
        return _mean(_cross_entropy(logits, targets, self.positive_weight), weights)


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
        _require(self.gamma >= 0, "gamma", self.gamma, "0 or larger")
        _require(self.alpha is None or 0 < self.alpha < 1, "alpha", self.alpha, "between 0 and 1")

    def __call__(self, logits: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
        logits, targets = _alike(logits, targets)
        probability = logits.sigmoid()
        missing = probability + targets - 2 * probability * targets
        loss = _cross_entropy(logits, targets) * missing**self.gamma
        if self.alpha is not None:
            loss = loss * (self.alpha * targets + (1 - self.alpha) * (1 - targets))
        return _mean(loss, weights)


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
        _require(self.smoothing > 0, "smoothing", self.smoothing, "larger than 0")

    def __call__(self, logits: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
        both, either = _overlap(logits, targets, weights)
        if self.over == "batch":
            both, either = both.sum(0), either.sum(0)
        return (1 - (2 * both + self.smoothing) / (either + self.smoothing)).mean()


@LOSSES.register("kozemzak-dice")
@dataclass(frozen=True)
class KozemzakDice:
    """-(2/N) (Σtp + 1) / (Σt + Σp + 1) with N the pixels of an image, averaged over the channels.

    As printed in Kozemzak et al. 2019, section 4.3.2. The factor 2/N scales the gradient by the size of
    the image: by 4e-5 at 224×224, where gradients of single weights lie near 1e-9. An optimiser that is
    not invariant to scale needs a learning rate to match, and Adam an epsilon well below that.

    over: the sums run over each image alone, or over the whole batch. The former is least for empty
    masks where most images show nothing: the 1 that smooths then is the whole numerator.
    """

    over: Literal["example", "batch"] = "example"

    def __call__(self, logits: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
        both, either = _overlap(logits, targets, weights)
        if self.over == "batch":
            both, either = both.sum(0), either.sum(0)
        pixels = targets[0, 0].numel()
        return (-(2 / pixels) * (both + 1) / (either + 1)).mean()


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
        from torch.nn.functional import cross_entropy

        if logits.shape[:1] + logits.shape[2:] != targets.shape:
            raise UsageError(
                f"cross-entropy of logits {tuple(logits.shape)} takes class indices "
                f"{tuple(logits.shape[:1] + logits.shape[2:])}, got {tuple(targets.shape)}"
            )
        if self.class_weights and len(self.class_weights) != logits.shape[1]:
            raise UsageError(
                f"{len(self.class_weights)} class weights do not fit {logits.shape[1]} classes"
            )
        logits, targets = _precise(logits), targets.long()
        scale = logits.new_tensor(self.class_weights) if self.class_weights else None
        loss = cross_entropy(
            logits, targets, weight=scale, ignore_index=self.ignore, reduction="none"
        )
        if weights is not None:
            loss = loss * weights
        examples = len(targets)
        known = (targets != self.ignore).reshape(examples, -1).sum(1).clamp(min=1)
        return (loss.reshape(examples, -1).sum(1) / known).mean()


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


def _alike(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    if logits.shape != targets.shape:
        raise UsageError(
            f"logits {tuple(logits.shape)} and targets {tuple(targets.shape)} must have the same shape"
        )
    logits = _precise(logits)
    return logits, targets.to(logits.dtype)


def _precise(logits: Tensor) -> Tensor:
    """At least single precision, in which sums over an image are exact enough."""
    return logits if logits.element_size() >= 4 else logits.float()


def _cross_entropy(logits: Tensor, targets: Tensor, positive_weight: float = 1.0) -> Tensor:
    from torch.nn.functional import logsigmoid

    return -(positive_weight * targets * logsigmoid(logits) + (1 - targets) * logsigmoid(-logits))


def _mean(loss: Tensor, weights: Tensor | None) -> Tensor:
    return (loss if weights is None else loss * weights).mean()


def _overlap(logits: Tensor, targets: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
    """Σtp and Σt + Σp of each example and channel, both (B, C)."""
    logits, targets = _alike(logits, targets)
    probability = logits.sigmoid()
    both, either = probability * targets, probability + targets
    if weights is not None:
        both, either = both * weights, either * weights
    return both.flatten(2).sum(2), either.flatten(2).sum(2)


def _require(holds: bool, name: str, value: object, range_: str) -> None:
    if not holds:
        raise SettingsError(f"{name} must be {range_}, got {value}")
