"""Where batches come from, and how they are prepared ahead of their turn."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Generic, Protocol, Self, TypeVar

import torch
from torch import Tensor

T = TypeVar("T")


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


class Feed(Generic[T]):
    """What `make` gives for each of `steps`, in order, as often as it is iterated over.

    `workers` threads for `device` make them ahead, at most two each; with 0 they are made when they are
    asked for. Which it is changes nothing, since each is a function of its number.
    """

    def __init__(
        self, make: Callable[[int], T], steps: Sequence[int], device: torch.device, workers: int
    ) -> None:
        self._make, self._steps = make, steps
        self._device, self._workers = device, workers

    def __iter__(self) -> Iterator[T]:
        if not self._workers:
            return (self._make(step) for step in self._steps)
        return self._ahead()

    def _ahead(self) -> Iterator[T]:
        pool = ThreadPoolExecutor(self._workers, "batches", initializer=self._enter_thread)
        steps = iter(self._steps)
        try:
            waiting = deque(
                pool.submit(self._make, step) for step in islice(steps, 2 * self._workers)
            )
            while waiting:
                ready = waiting.popleft()
                waiting.extend(pool.submit(self._make, step) for step in islice(steps, 1))
                yield ready.result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _enter_thread(self) -> None:
        """Each thread has a graphics processor of its own to begin with: the first one."""
        if self._device.type == "cuda":
            torch.cuda.set_device(self._device)
