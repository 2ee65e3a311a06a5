"""Batches come in order and once each, however they are prepared."""

from __future__ import annotations

import threading
import time

import pytest
import torch

from deepvein.training.source import Feed
from unit.training.toy import ToyBatch, ToySource

CPU = torch.device("cpu")


class Uneven(ToySource):
    """Early batches take longest, so that threads finish them in the wrong order."""

    def batch(self, step: int) -> ToyBatch:
        time.sleep(0.02 / (1 + step))
        return super().batch(step)


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_batches_do_not_depend_on_the_workers(workers: int) -> None:
    source, steps = Uneven(), range(1, 14, 3)
    for _ in range(2):
        found = list(Feed(source.batch, steps, CPU, workers))
        assert len(found) == len(steps)
        for batch, step in zip(found, steps, strict=True):
            assert torch.equal(batch.inputs, source.batch(step).inputs)


def test_an_error_in_a_thread_arrives() -> None:
    class Broken(ToySource):
        def batch(self, step: int) -> ToyBatch:
            if step == 2:
                raise ValueError("broken")
            return super().batch(step)

    batches = iter(Feed(Broken().batch, range(4), CPU, 2))
    next(batches)
    next(batches)
    with pytest.raises(ValueError, match="broken"):
        next(batches)


def test_no_thread_stays_when_the_feed_is_left() -> None:
    batches = iter(Feed(ToySource().batch, range(100), CPU, 2))
    next(batches)
    del batches
    assert not [one for one in threading.enumerate() if one.name.startswith("batches")]
