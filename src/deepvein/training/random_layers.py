"""Random layers, such as dropout, draw from a stream of their own in each step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from deepvein.core.seeds import derive


@contextmanager
def stream(device: torch.device, seed: int, step: int, rank: int) -> Iterator[None]:
    """Within, torch's generators give the numbers of this step; afterwards they are as before.

    PyTorch's random layers know only the global generators. Set here for one step and put back, they
    need not be saved with a training that is to be resumed.
    """
    cuda = [device] if device.type == "cuda" else []
    number = derive(seed, "layers", step, rank) % 2**63
    with torch.random.fork_rng(devices=cuda):
        torch.default_generator.manual_seed(number)
        if cuda:
            torch.cuda.manual_seed(number)
        yield
