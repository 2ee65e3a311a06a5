"""How long something has stood still, by a clock that only goes forward."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping


class Standstill:
    """Remembers since when each counter has had its present value.

    Counters stand in the database, the times here: neither a clock that jumps nor machines whose clocks
    differ can make a wait shorter. After a restart every wait begins anew.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._since: dict[int, tuple[int, float]] = {}

    def seconds(self, counters: Mapping[int, int]) -> dict[int, float]:
        """For each of the counters how long it has been seen unchanged; what is not given is forgotten."""
        time_s = self.clock()
        before, self._since = self._since, {}
        for number, value in counters.items():
            then, since = before.get(number, (value, time_s))
            self._since[number] = (value, since if then == value else time_s)
        return {number: time_s - since for number, (_, since) in self._since.items()}
