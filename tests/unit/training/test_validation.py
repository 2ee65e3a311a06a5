"""What beats what, and that batches of unequal size weigh by their examples."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

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
        (math.nan, None, True),
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
