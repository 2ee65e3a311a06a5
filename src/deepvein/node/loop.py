"""A step that is done again and again in a thread, through times when the database is away."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from deepvein.node.bell import Bell
from deepvein.node.database.database import AWAY

_LOG = logging.getLogger(__name__)


class Loop:
    """Calls `step` until it is stopped: at once again after it did something, else after a pause.

    pause_s: how long it is at most, a number or what tells it anew each time. hears: a bell that ends it.
    rings: a bell for whoever goes on with what a step did.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], bool],
        pause_s: float | Callable[[], float],
        hears: Bell | None = None,
        rings: Bell | None = None,
    ) -> None:
        self.name, self.step, self.pause_s = name, step, pause_s
        self.hears, self.rings = hears, rings
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.run, name=name, daemon=True)

    def start(self) -> None:
        """Begin, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Begin no further step and wait for the one at work."""
        self._stop.set()
        if self.hears is not None:
            self.hears.ring()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        """Work in this thread until `stop` is called from another one."""
        while not self._stop.is_set():
            try:
                busy = self.step()
            except AWAY:
                _LOG.warning("the database is away", extra={"loop": self.name})
                busy = False
            except Exception as error:  # noqa: BLE001  (what failed once may work the next time)
                _LOG.error("a step failed", exc_info=error, extra={"loop": self.name})
                busy = False
            if not busy:
                self._pause()
            elif self.rings is not None:
                self.rings.ring()

    def _pause(self) -> None:
        pause_s = self.pause_s if isinstance(self.pause_s, int | float) else self.pause_s()
        (self._stop if self.hears is None else self.hears).wait(pause_s)
