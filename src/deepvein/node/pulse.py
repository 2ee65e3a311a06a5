"""Signs of life of the workers that screen: a file for each in the node's folder, touched as long as it works.

One that is frozen or was killed says nothing; those that still live tell of it.
"""

from __future__ import annotations

import errno
import math
import os
import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from deepvein.node.store import safe_name

FOLDER = "workers"
"""Of the node's folder: a file for each worker, which holds its name."""

SILENT_S = 120.0
"""Who shows no sign of life for so long works no more."""

_BEAT_S = 10.0

_TAKEN = (errno.EWOULDBLOCK, errno.EACCES)
"""What the system says where another process holds a lock."""

_FORGOTTEN_S = 900.0
"""A worker that is silent for so long works for this node no more."""


@dataclass
class Pulse:
    """The sign of life of one worker (`deepvein serve`, whatever processes it has) in the node's `folder`.

    Its `name` is that of the machine; a second one there is called "machine (2)", and so on. Each holds a lock
    on its file, which ends with it: whoever is started in the place of a dead one takes the name over, and with
    it the file that told of its silence.
    """

    folder: Path
    machine: str = field(default_factory=socket.gethostname)
    clock: Callable[[], float] = time.monotonic
    name: str = field(default="", init=False)
    _opened: int | None = field(default=None, init=False)
    _last_s: float = field(default=-math.inf, init=False)

    def __post_init__(self) -> None:
        self.name = self.machine

    def beat(self) -> None:
        """Show that this worker lives, from time to time."""
        if self.clock() - self._last_s < _BEAT_S:
            return
        with suppress(OSError):  # a folder that is gone or full is told of elsewhere
            if not self._is_held():
                self._take()
            os.utime(self._file)
            self._last_s = self.clock()

    def end(self) -> None:
        """It ends as it should, and nobody needs to look for it."""
        self._last_s = -math.inf
        with suppress(OSError):
            if self._is_held():
                self._file.unlink()
        self._let_go()

    def _take(self) -> None:
        """Take the first name of this machine that no living worker has."""
        import fcntl

        self._let_go()
        self._file.parent.mkdir(exist_ok=True, mode=0o700)
        for number in count(1):
            self.name = self.machine if number == 1 else f"{self.machine} ({number})"
            self._opened = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(self._opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                self._let_go()
                if error.errno not in _TAKEN:
                    raise
                continue
            if self._is_held():  # or it was taken away just before
                os.pwrite(self._opened, self.name.encode(), 0)
                return
            self._let_go()

    def _is_held(self) -> bool:
        """Whether the file of this name is there and ours."""
        if self._opened is None:
            return False
        try:
            return os.path.samestat(os.fstat(self._opened), self._file.stat())
        except FileNotFoundError:
            return False

    def _let_go(self) -> None:
        if self._opened is not None:
            os.close(self._opened)
            self._opened = None

    @property
    def _file(self) -> Path:
        return self.folder / FOLDER / safe_name(self.name)


def silences(folder: Path) -> dict[str, float]:
    """For each worker of the node in `folder` the seconds since its last sign of life."""
    found: dict[str, float] = {}
    with suppress(OSError):
        # The clock of whoever keeps the files: machines need not agree about the time.
        with tempfile.TemporaryFile(dir=folder) as asked:
            now_s = os.fstat(asked.fileno()).st_mtime
        for path in sorted((folder / FOLDER).iterdir()):
            with suppress(OSError, ValueError):  # it goes just now
                silent_s = max(0.0, now_s - path.stat().st_mtime)
                name = path.read_text(encoding="utf-8")
                if name and silent_s < _FORGOTTEN_S:
                    found[name] = silent_s
    return found
