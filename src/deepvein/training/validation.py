"""Loss and score over a whole validation source, shared among the processes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from deepvein.core.errors import SettingsError
from deepvein.training.losses import Loss
from deepvein.training.scores import SCORES, overall
from deepvein.training.source import Feed, Source

if TYPE_CHECKING:
    from lightning_fabric import Fabric


@dataclass(frozen=True)
class Verdict:
    """The score is best when highest; parts are the values whose mean it is."""

    loss: float = math.nan
    score: float = math.nan
    parts: tuple[float, ...] = ()

    def beats(self, best: float | None) -> bool:
        """Whether it is the best so far; nan beats only nothing."""
        return (
            best is None or self.score > best or (math.isnan(best) and not math.isnan(self.score))
        )


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

    def _over_processes(self, values: Tensor) -> Tensor:
        if self.fabric.world_size == 1:
            return values
        reduced: Tensor = self.fabric.all_reduce(values, reduce_op="sum")
        return reduced
