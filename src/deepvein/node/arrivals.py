"""What a receiver has on its disk is entered by a thread of its own, in the order of arrival."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from deepvein.core.errors import OutputError
from deepvein.node.arrival import PART
from deepvein.node.database.database import AWAY, in_words
from deepvein.node.entrance import Entrance
from deepvein.node.intake import Arrived, ended

if TYPE_CHECKING:
    from deepvein.node.database.database import Database
    from deepvein.node.store import Store

_LOG = logging.getLogger(__name__)

_BATCH, _BACKLOG = 256, 512
"""Files that are entered in one transaction, and that may wait for it before senders have to."""

_AWAY_S = 1.0
_GLANCE_S = 0.01
_PAUSE_S, _GATHER_S = 0.1, 1.0
"""Files are entered when no more came for a moment, or the first has waited for long: senders go first."""

_LONGEST_S = 3600.0
"""A wait without an end, as threads can wait."""


class Arrivals:
    """Enters files of a receiver's folder between `start` and `stop`.

    entered: is called after images were entered. busy: whether somebody may bring more in a moment.
    """

    def __init__(
        self,
        name: str,
        database: Database,
        store: Store,
        entered: Callable[[], None],
        busy: Callable[[], bool],
    ) -> None:
        self.database, self.entered, self.busy = database, entered, busy
        self.entrance = Entrance(name, database, store)
        self._waiting: queue.Queue[Arrived | str | None] = queue.Queue()
        self._left: list[Arrived] = []
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._trouble = ""

    def start(self) -> None:
        """Enter what a killed receiver left, then what comes. A full disk keeps nobody from starting."""
        folder = self.entrance.folder
        for path in folder.glob(f"*{PART}"):
            with contextlib.suppress(OSError):
                path.unlink()
        self._left = [Arrived(path, named=True) for path in sorted(folder.glob("*.dcm"))]
        self.entrance.enter([])
        with contextlib.suppress(OutputError):  # the thread tells of it
            self._enter_left()
        ended(self.database, self.entrance.name)
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Enter what has arrived, and end; what cannot be entered is left to the next start."""
        if self._thread is not None:
            self._stopping = True
            self._waiting.put(None)
            self._thread.join()
            self._thread = None

    def put(self, one: Arrived | str) -> None:
        """A file that is to be entered, or the name of an association that has ended.

        Who brings it waits where many wait already, but not while none can be entered: they are on the disk.
        """
        while self._waiting.qsize() >= _BACKLOG and not self._trouble and not self._stopping:
            time.sleep(_GLANCE_S)
        self._waiting.put(one)

    def _enter_left(self) -> None:
        while self._left:
            self.entrance.enter(self._left[:_BATCH])
            del self._left[:_BATCH]

    def _run(self) -> None:
        """Enter files, several at a time, until the end is told."""
        while True:
            batch = self._gathered()
            while not self._entered(batch):
                time.sleep(_AWAY_S)
            if None in batch:
                return

    def _gathered(self) -> list[Arrived | str | None]:
        """What has come; nothing if it is time to try others again."""
        pause_s = _AWAY_S if self._left else min(self.entrance.pause_s, _LONGEST_S)
        try:
            batch = [self._waiting.get(timeout=pause_s)]
        except queue.Empty:
            return []
        end = time.monotonic() + _GATHER_S
        while len(batch) < _BATCH and None not in batch:
            # When all senders have gone nothing more will come.
            left_s = min(_PAUSE_S, end - time.monotonic()) if self.busy() else 0.0
            try:
                batch.append(self._waiting.get(timeout=max(0.0, left_s)))
            except queue.Empty:
                break
        return batch

    def _entered(self, batch: list[Arrived | str | None]) -> bool:
        """Enter a batch; False if it must be tried again. Doing it twice does no harm.

        At the end what cannot be entered is left to the next start.
        """
        try:
            self._enter_left()
            self.entrance.enter([one for one in batch if isinstance(one, Arrived)])
            for one in batch:
                if isinstance(one, str):
                    ended(self.database, self.entrance.name, one)
        except AWAY as error:
            return self._failed(
                "the database is away; images wait on the disk", reason=in_words(error)
            )
        except OutputError:
            return self._failed("no room to move images to their places")
        except Exception as error:  # noqa: BLE001  (without this thread no image would be entered any more)
            return self._failed("images could not be entered; they wait on the disk", error)
        if self._trouble:
            _LOG.info("images are entered again")
            self._trouble = ""
        self.entered()
        return True

    def _failed(self, trouble: str, error: Exception | None = None, reason: str = "") -> bool:
        """Whether that is the end; the same trouble is told once, however often it is tried again."""
        if trouble != self._trouble:
            self._trouble = trouble
            _LOG.warning(trouble, exc_info=error, extra={"reason": reason} if reason else {})
        return self._stopping
