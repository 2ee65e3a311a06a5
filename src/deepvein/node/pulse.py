"""Signs of life of the machines that screen: a file for each in the node's folder, touched as long as it works.

A machine that is frozen or was killed says nothing; those that still live tell of it.
"""

from __future__ import annotations

import math
import os
import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from deepvein.node.store import safe_name

FOLDER = "workers"
"""Of the node's folder: a file for each machine that screens, which holds its name."""

SILENT_S = 120.0
"""Who shows no sign of life for so long works no more."""

_BEAT_S = 10.0

_FORGOTTEN_S = 900.0
"""A machine that is silent for so long works for this node no more."""


@dataclass
class Pulse:
    """The sign of life of this machine in the node's `folder`."""

    folder: Path
    machine: str = field(default_factory=socket.gethostname)
    clock: Callable[[], float] = time.monotonic
    _last_s: float = field(default=-math.inf, init=False)

    def beat(self) -> None:
        """Show that this machine lives, from time to time."""
        if self.clock() - self._last_s < _BEAT_S:
            return
        with suppress(OSError):  # a folder that is gone or full is told of elsewhere
            self._file.parent.mkdir(exist_ok=True, mode=0o700)
            if not self._file.exists():
                self._file.write_text(self.machine, encoding="utf-8")
            os.utime(self._file)
            self._last_s = self.clock()

    def end(self) -> None:
        """It ends as it should, and nobody needs to look for it."""
        self._last_s = -math.inf
        with suppress(OSError):
            self._file.unlink()

    @property
    def _file(self) -> Path:
        return self.folder / FOLDER / safe_name(self.machine)


def silences(folder: Path) -> dict[str, float]:
    """For each machine that screens for the node in `folder` the seconds since its last sign of life."""
    found: dict[str, float] = {}
    with suppress(OSError):
        # The clock of whoever keeps the files: machines need not agree about the time.
        with tempfile.TemporaryFile(dir=folder) as asked:
            now_s = os.fstat(asked.fileno()).st_mtime
        for path in sorted((folder / FOLDER).iterdir()):
            with suppress(OSError, ValueError):  # it goes just now
                silent_s = max(0.0, now_s - path.stat().st_mtime)
                if silent_s < _FORGOTTEN_S:
                    found[path.read_text(encoding="utf-8")] = silent_s
    return found
