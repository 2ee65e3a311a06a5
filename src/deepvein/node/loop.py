"""A step that is done again and again in a thread, through times when the database is away."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from deepvein.node.bell import Bell, Chime
from deepvein.node.database.database import AWAY, in_words

_LOG = logging.getLogger(__name__)

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 5.0
"""After a step that failed, doubled with each further one."""

_SILENCE_S = 900.0
"""After how long the same failure is told again."""

_MOST_FAILURES = 1000
"""They are not counted further."""

_PATIENCE_S = 5.0
"""With a step at the end: a peer may be silent for longer, and what is killed is made good anyway."""


class Loop:
    """Calls `step` until it is stopped: at once again after it did something, else after a pause.

    One that fails is called again after longer and longer pauses. It is told when that begins, when it fails in
    another way, each quarter of an hour, and when it works again: the disk would be full of it otherwise.

    pause_s: how long it is at most, a number or what tells it anew each time. hears: a bell that ends it.
    rings: a bell for whoever goes on with what a step did.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], bool],
        pause_s: float | Callable[[], float],
        hears: Bell | None = None,
        rings: Bell | Chime | None = None,
    ) -> None:
        self.name, self.step, self.pause_s = name, step, pause_s
        self.hears, self.rings = hears, rings
        self._failures, self._told, self._told_s = 0, "", 0.0
        self._stop, self._stopped_s = threading.Event(), 0.0
        self._thread = threading.Thread(target=self.run, name=name, daemon=True)

    def start(self) -> None:
        """Begin, in a thread."""
        self._thread.start()

    def end(self) -> None:
        """Begin no further step."""
        if not self._stop.is_set():
            self._stop.set()
            self._stopped_s = time.monotonic()
        if self.hears is not None:
            self.hears.ring()

    def stop(self) -> None:
        """Begin no further step and wait for the one at work, but not for long after `end`: what waits for a
        silent peer ends with the process."""
        self.end()
        if self.is_alive:
            self._thread.join(max(0.0, self._stopped_s + _PATIENCE_S - time.monotonic()))
            if self.is_alive:
                _LOG.warning("a step is left behind", extra={"loop": self.name})

    @property
    def is_alive(self) -> bool:
        """Whether its thread is at work."""
        return self._thread.is_alive()

    def run(self) -> None:
        """Work in this thread until `stop` is called from another one."""
        while not self._stop.is_set():
            try:
                busy = self.step()
            except Exception as error:  # noqa: BLE001  (what failed once may work the next time)
                self._failed(error)
                continue
            if self._failures:
                _LOG.info("it works again", extra={"loop": self.name, "failures": self._failures})
                self._failures, self._told = 0, ""
            if not busy:
                self._pause()
            elif self.rings is not None:
                self.rings.ring()

    def _failed(self, error: Exception) -> None:
        time_s = time.monotonic()
        kind = f"{type(error).__name__} {getattr(error, 'errno', '')}"
        if kind != self._told or time_s - self._told_s >= _SILENCE_S:
            self._told, self._told_s = kind, time_s
            if isinstance(error, AWAY):
                away = {"loop": self.name, "reason": in_words(error)}
                _LOG.warning("the database is away", extra=away)
            else:
                _LOG.error("a step failed", exc_info=error, extra={"loop": self.name})
        self._stop.wait(min(_FIRST_PAUSE_S * 2**self._failures, _LONGEST_PAUSE_S))
        self._failures = min(self._failures + 1, _MOST_FAILURES)

    def _pause(self) -> None:
        pause_s = self.pause_s if isinstance(self.pause_s, int | float) else self.pause_s()
        (self._stop if self.hears is None else self.hears).wait(pause_s)
