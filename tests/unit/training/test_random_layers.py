"""Random layers repeat in the same step, differ between steps, and leave no trace."""

from __future__ import annotations

import torch

from deepvein.training.random_layers import stream

CPU = torch.device("cpu")


def draw(step: int, rank: int = 0) -> torch.Tensor:
    with stream(CPU, 1, step, rank):
        return torch.nn.functional.dropout(torch.ones(64))


def test_a_stream_for_each_step_and_process() -> None:
    before = torch.random.get_rng_state()
    assert torch.equal(draw(3), draw(3))
    assert not torch.equal(draw(3), draw(4))
    assert not torch.equal(draw(3), draw(3, rank=1))
    assert torch.equal(before, torch.random.get_rng_state())
