"""Loss and score over a whole validation source, shared among the processes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from deepvein.core.errors import CohortError, SettingsError
from deepvein.training.losses import Loss
from deepvein.training.scores import SCORES, overall
from deepvein.training.source import Batch, Feed, Source

if TYPE_CHECKING:
    from lightning_fabric import Fabric


@dataclass(frozen=True)
class Verdict:
    """The score is best when highest; parts are the values whose mean it is."""

    loss: float = math.nan
    score: float = math.nan
    parts: tuple[float, ...] = ()

    def beats(self, best: float | None) -> bool:
        """Whether it is the best so far; nan never is."""
        return not math.isnan(self.score) and (
            best is None or math.isnan(best) or self.score > best
        )


def _silence(batch: Batch, channels: int) -> Tensor:
    """The logits (B, channels, *size) of a network that finds nothing, or the first class everywhere."""
    shape = list(batch.targets.shape)
    size = shape[2:] if batch.targets.is_floating_point() else shape[1:]
    return torch.full((shape[0], channels, *size), -1.0, device=batch.targets.device)


class Validation:
    """The mean loss over the examples, and the score called `score` or minus that loss."""

    def __init__(
        self, fabric: Fabric, source: Source, loss: Loss, score: str, workers: int
    ) -> None:
        if len(source) < fabric.world_size:
            raise SettingsError(
                f"{len(source)} validation batches are too few for {fabric.world_size} processes"
            )
        turns = range(fabric.global_rank, len(source), fabric.world_size)
        self.fabric, self.loss = fabric, loss
        self.batches = Feed(
            lambda step: source.batch(step).to(fabric.device), turns, fabric.device, workers
        )
        self.name = score
        self.score = None if score == "loss" else SCORES.get(score)

    @torch.no_grad()
    def of(self, network: nn.Module) -> Verdict:
        """How good `network` is; it is back in training mode afterwards."""
        totals: list[Tensor] = []
        losses = torch.zeros(2, device=self.fabric.device)
        network.eval()
        for batch in self.batches:
            with self.fabric.autocast():
                logits = network(batch.inputs).float()
            loss = self.loss(logits, batch.targets, batch.weights)
            losses += torch.stack([loss, torch.ones_like(loss)]) * len(batch.inputs)
            if self.score is not None:
                sums = self.score.sums(logits, batch.targets, batch.weights)
                totals = [totals[0] + sums if totals else sums]
        network.train()
        total, examples = self._over_processes(losses).tolist()
        if self.score is None:
            return Verdict(total / examples, -total / examples)
        values = self.score.values(self._over_processes(totals[0]))
        return Verdict(total / examples, overall(values), tuple(values.tolist()))

    @torch.no_grad()
    def require_scorable(self, network: nn.Module) -> None:
        """CohortError if the examples have no score where nothing is found in them: none shows the target.

        Stops at the first examples that do; `network` tells the number of its channels.
        """
        if self.score is None:
            return
        network.eval()
        first = next(iter(self.batches))
        channels = network(first.inputs[:1]).shape[1]
        network.train()
        sums: Tensor | None = None
        scorable = torch.zeros(1, device=self.fabric.device)
        for batch in self.batches:
            found = self.score.sums(_silence(batch, channels), batch.targets, batch.weights)
            sums = found if sums is None else sums + found
            if not math.isnan(overall(self.score.values(sums))):
                scorable += 1
                break
        if not self._over_processes(scorable).item():
            raise CohortError(
                f"no example of the validation shows what is looked for, so {self.name} cannot tell which "
                "epoch is the best; validate on patients who show it too, or set training.score=loss"
            )

    def _over_processes(self, values: Tensor) -> Tensor:
        if self.fabric.world_size == 1:
            return values
        reduced: Tensor = self.fabric.all_reduce(values, reduce_op="sum")
        return reduced
