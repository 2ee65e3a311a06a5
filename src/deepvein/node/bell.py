"""A bell: who has made work rings it, who waits for work need not look again and again."""

from __future__ import annotations

import multiprocessing


class Bell:
    """Rings from any thread or process of a node to any other that it was given to.

    A semaphore: nobody holds it, so that whoever is killed leaves it as it was. What a bell does not tell (a
    worker on another machine) is found by looking from time to time.
    """

    def __init__(self) -> None:
        self._rung = multiprocessing.get_context("spawn").Semaphore(0)

    def ring(self) -> None:
        """Wake one who waits, or the next one who will."""
        self._rung.release()

    def wait(self, seconds: float) -> bool:
        """Wait for a ring, for so long at most; whether it rang."""
        return self._rung.acquire(timeout=max(0.0, seconds))


class Chime:
    """Several bells that ring at once: one for each of those who wait for the same."""

    def __init__(self, *bells: Bell) -> None:
        self._bells = bells

    def ring(self) -> None:
        """Wake one at each bell."""
        for bell in self._bells:
            bell.ring()
