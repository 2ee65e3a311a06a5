"""How long something has stood still, by a clock that only goes forward."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Standstill(Generic[K, V]):
    """Remembers since when each thing has had its present value.

    The values stand in the database or on the disk, the times here: neither a clock that jumps nor machines
    whose clocks differ can make a wait shorter. After a restart every wait begins anew.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._since: dict[K, tuple[V, float]] = {}

    def seconds(self, values: Mapping[K, V]) -> dict[K, float]:
        """For each of the things how long it has been seen unchanged; what is not given is forgotten."""
        time_s = self.clock()
        before, self._since = self._since, {}
        for key, value in values.items():
            then, since = before.get(key, (value, time_s))
            self._since[key] = (value, since if then == value else time_s)
        return {key: time_s - since for key, (_, since) in self._since.items()}
