"""What beats what, and that batches of unequal size weigh by their examples."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from deepvein.core.errors import CohortError
from deepvein.training.losses.bce import BinaryCrossEntropy
from deepvein.training.machine import Machine
from deepvein.training.validation import Validation, Verdict
from unit.training.toy import ToyBatch, ToySource, toy_network


@pytest.mark.parametrize(
    ("score", "best", "expected"),
    [
        (0.5, None, True),
        (0.5, 0.4, True),
        (0.5, 0.5, False),
        (math.nan, None, False),
        (math.nan, 0.1, False),
        (0.1, math.nan, True),
        (math.nan, math.nan, False),
    ],
)
def test_what_beats_what(score: float, best: float | None, expected: bool) -> None:
    assert Verdict(score=score).beats(best) is expected


class Unequal(ToySource):
    """The last batch has one example, the others two."""

    def batch(self, step: int) -> ToyBatch:
        batch = super().batch(step)
        if step < len(self) - 1:
            return batch
        return replace(batch, inputs=batch.inputs[:1], targets=batch.targets[:1])


def test_every_example_weighs_the_same() -> None:
    source, loss, network = Unequal(batches=3), BinaryCrossEntropy(), toy_network()
    fabric = Machine(device="cpu").fabric()
    verdict = Validation(fabric, source, loss, "loss", workers=0).of(network)
    batches = [source.batch(step) for step in range(3)]
    inputs = torch.cat([batch.inputs for batch in batches])
    targets = torch.cat([batch.targets for batch in batches])
    with torch.no_grad():
        assert verdict.loss == pytest.approx(loss(network(inputs), targets).item(), rel=1e-5)
    assert verdict.score == -verdict.loss
    assert network.training


class Empty(ToySource):
    """Nothing is bright but in the last batch, if at all."""

    def batch(self, step: int) -> ToyBatch:
        batch = super().batch(step)
        last = self.seed and step == len(self) - 1
        return batch if last else replace(batch, targets=torch.zeros_like(batch.targets))


def test_examples_that_never_show_the_target_are_refused() -> None:
    fabric, loss, network = Machine(device="cpu").fabric(), BinaryCrossEntropy(), toy_network()
    nothing = Validation(fabric, Empty(), loss, "dice", workers=0)
    with pytest.raises(CohortError, match="dice cannot tell which epoch"):
        nothing.require_scorable(network)
    assert network.training
    Validation(fabric, Empty(seed=1), loss, "dice", workers=0).require_scorable(network)
    Validation(fabric, Empty(), loss, "loss", workers=0).require_scorable(network)


@pytest.mark.parametrize(("score", "labels"), [("auroc", (0, 1)), ("class-dice", (0, 2))])
def test_classes_need_what_their_score_compares(score: str, labels: tuple[int, ...]) -> None:
    fabric, network = (
        Machine(device="cpu").fabric(),
        torch.nn.Linear(4, 2 if score == "auroc" else 3),
    )

    class Labels(ToySource):
        def batch(self, step: int) -> ToyBatch:
            label = labels[step % len(labels)]
            return ToyBatch(torch.zeros(2, 4), torch.full((2,), label))

    Validation(fabric, Labels(), BinaryCrossEntropy(), score, workers=0).require_scorable(network)
    labels = (0,)
    one = Validation(fabric, Labels(), BinaryCrossEntropy(), score, workers=0)
    with pytest.raises(CohortError, match=score):
        one.require_scorable(network)
