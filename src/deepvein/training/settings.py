"""How a network is trained; free of torch, so that recipes are listed at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import Literal

from deepvein.core.errors import SettingsError


@dataclass(frozen=True)
class OptimiserSettings:
    """momentum: of SGD, and the decay of the first moment of Adam and AdamW; beta2 that of the second.

    epsilon: of Adam and AdamW. Gradients much smaller than it make small steps: losses that are scaled
    down, such as Kozemzak et al.'s Dice, need a smaller one.
    """

    kind: Literal["adam", "adamw", "sgd"] = "adam"
    learning_rate: float = 1e-3
    momentum: float = 0.9
    beta2: float = 0.999
    weight_decay: float = 0.0
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        # NaN fails each of these comparisons.
        if not (0 < self.learning_rate < inf and 0 <= self.weight_decay < inf):
            raise SettingsError(
                "learning_rate must be above 0 and weight_decay 0 or larger, got "
                f"{self.learning_rate} and {self.weight_decay}"
            )
        if not 0 < self.epsilon < inf:
            raise SettingsError(f"epsilon must be above 0, got {self.epsilon}")
        if not (0 <= self.momentum < 1 and 0 <= self.beta2 < 1):
            raise SettingsError(
                f"momentum and beta2 lie in 0..1 (1 excluded), got {self.momentum} and {self.beta2}"
            )


@dataclass(frozen=True)
class ScheduleSettings:
    """The factor on the learning rate over the course of a training, after a linear warm-up.

    constant: 1. step: `decay` to the power of the milestones passed. cosine: falls from 1 to `final` as a
    half cosine. poly: (1 - progress) to the power of `power`.
    milestones: fractions of all steps. warm_up_steps: optimiser steps.
    """

    kind: Literal["constant", "step", "cosine", "poly"] = "constant"
    warm_up_steps: int = 0
    milestones: tuple[float, ...] = (0.5, 0.75)
    decay: float = 0.1
    power: float = 0.9
    final: float = 0.0

    def __post_init__(self) -> None:
        if self.warm_up_steps < 0:
            raise SettingsError(f"warm_up_steps must be 0 or larger, got {self.warm_up_steps}")
        if any(not 0 < one < 1 for one in self.milestones):
            raise SettingsError(f"milestones lie between 0 and 1, got {self.milestones}")
        if not (0 < self.decay < inf and 0 < self.power < inf and 0 <= self.final <= 1):
            raise SettingsError(
                f"decay and power must be above 0 and final in 0..1, got {self.decay}, {self.power} "
                f"and {self.final}"
            )


@dataclass(frozen=True)
class TrainingSettings:
    """Everything that decides the result of a training besides network, examples and loss.

    epochs: rounds, each with a validation and a checkpoint at its end.
    steps_per_epoch: optimiser steps; None for the source's own length divided by `accumulate`.
    batch: examples of a batch.
    accumulate: batches that make one optimiser step; several processes share them.
    clip_norm: longest gradient (Euclidean norm over all parameters), None for no limit.
    average: decay of the moving average of the weights that is validated and kept, None for none; it
    starts as (1 + step) / (10 + step) and rises to this value.
    score: what is best when highest in validation; "loss" takes minus the validation loss.
    validate_every: epochs. patience: validations without a better score before stopping, None for all
    epochs. log_every: optimiser steps between rows of the log, and looks at whether the loss is finite.
    """

    epochs: int = 100
    steps_per_epoch: int | None = None
    batch: int = 2
    accumulate: int = 1
    optimiser: OptimiserSettings = field(default_factory=OptimiserSettings)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    clip_norm: float | None = None
    average: float | None = None
    score: Literal["loss", "dice", "class-dice", "auroc"] = "loss"
    validate_every: int = 1
    patience: int | None = None
    log_every: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "steps_per_epoch", "batch", "accumulate", "validate_every",
                     "patience", "log_every"):  # fmt: skip
            value = getattr(self, name)
            if value is not None and value < 1:
                raise SettingsError(f"{name} must be 1 or larger, got {value}")
        if self.clip_norm is not None and not self.clip_norm > 0:
            raise SettingsError(f"clip_norm must be above 0, got {self.clip_norm}")
        if self.average is not None and not 0 < self.average < 1:
            raise SettingsError(f"average lies between 0 and 1, got {self.average}")
        if self.seed < 0:
            raise SettingsError(f"seed must be 0 or larger, got {self.seed}")

    def share(self, processes: int) -> int:
        """Each process's batches of an optimiser step; SettingsError if they cannot share evenly."""
        share, rest = divmod(self.accumulate, processes)
        if rest:
            raise SettingsError(
                f"{processes} processes cannot share the {self.accumulate} batches of a step evenly; "
                f"set accumulate to a multiple of {processes}"
            )
        return share
