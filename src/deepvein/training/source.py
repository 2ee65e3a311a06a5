"""Where batches come from, and how they are prepared ahead of their turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, Self

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset


class Batch(Protocol):
    """inputs (B, C, *size); targets and weights as the loss takes them; cases: a name an example."""

    @property
    def inputs(self) -> Tensor: ...

    @property
    def targets(self) -> Tensor: ...

    @property
    def weights(self) -> Tensor | None: ...

    @property
    def cases(self) -> tuple[str, ...]: ...

    def to(self, device: torch.device) -> Self: ...


class Source(Protocol):
    """`batch(step)` is a function of `step` alone, so that any process can make any batch at any time.

    In training, step is any number from 0, and len is the batches of an epoch. In validation, the
    batches 0 to len - 1 are the whole set.
    """

    def batch(self, step: int) -> Batch: ...

    def __len__(self) -> int: ...


class Feed:
    """The batches of `steps` in order on `device`, as often as it is iterated over.

    `workers` processes prepare them ahead; they live as long as the feed. With 0, batches are made when
    they are asked for. The source then travels to the processes, and must be able to.
    """

    def __init__(
        self, source: Source, steps: Sequence[int], device: torch.device, workers: int
    ) -> None:
        self._source, self._steps, self._device = source, steps, device
        self._loader: DataLoader[Batch] | None = None
        if workers and steps:
            self._loader = DataLoader(
                _Steps(source),
                sampler=steps,
                batch_size=None,
                num_workers=workers,
                multiprocessing_context="spawn",
                persistent_workers=True,
                generator=torch.Generator(),
            )

    def __iter__(self) -> Iterator[Batch]:
        batches = self._loader or (self._source.batch(step) for step in self._steps)
        return (batch.to(self._device) for batch in batches)


class _Steps(Dataset[Any]):
    """A source as torch's loader sees it."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def __getitem__(self, step: int) -> Batch:
        return self.source.batch(step)
