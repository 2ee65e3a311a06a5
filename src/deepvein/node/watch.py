"""A watched folder: whatever is put into it is taken in, and leaves it."""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deepvein.core.errors import OutputError
from deepvein.core.files import put, storage_error
from deepvein.node.entrance import Entrance
from deepvein.node.intake import Arrived
from deepvein.node.standstill import Standstill

if TYPE_CHECKING:
    from deepvein.node.database.database import Database
    from deepvein.node.store import Store

_LOG = logging.getLogger(__name__)

_Seen = tuple[int, int]
"""Size and time of change of a file."""

_FIRST_WAIT_S, _LONGEST_WAIT_S = 10.0, 3600.0
"""Before a file that gave trouble is tried again, doubled with each further time."""

NAME = "watch"
"""Of the folder where its files arrive, beside those of receivers."""


@dataclass(frozen=True)
class WatchSettings:
    """folder: what is watched, at any depth; None for nothing. settle_s: for how long a file must not have
    changed before it is taken, for it may still be written."""

    folder: Path | None = None
    settle_s: float = 10.0


@dataclass(frozen=True)
class _Avoided:
    """A file that gave trouble: as it was, when it is tried again, and how long that was waited for."""

    seen: _Seen
    due_s: float
    wait_s: float


class Watch:
    """Takes settled files: into the node first, then out of the folder. Links and hidden files stay.

    What cannot be read, or not be taken out, costs the others nothing; it is told once and tried again when it
    has changed or after a while.
    """

    def __init__(
        self,
        folder: Path,
        settle_s: float,
        database: Database,
        store: Store,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder, self.settle_s, self.clock = folder, settle_s, clock
        self._entrance = Entrance(NAME, database, store, clock)
        self._standstill = Standstill[Path, _Seen](clock)
        self._avoided: dict[Path, _Avoided] = {}

    def step(self) -> bool:
        """Look once; whether a file was taken."""
        arriving = self._entrance.folder
        arriving.mkdir(parents=True, exist_ok=True)
        # What was taken before this process was killed, and what is to be tried again.
        self._entrance.enter([Arrived(path, NAME) for path in sorted(arriving.glob("*.dcm"))])
        seen = self._files()
        self._avoided = {
            path: one for path, one in self._avoided.items() if seen.get(path) == one.seen
        }
        time_s = self.clock()
        taken = [
            path for path, still_s in self._standstill.seconds(seen).items()
            if still_s >= self.settle_s
            and (path not in self._avoided or self._avoided[path].due_s <= time_s)
        ]  # fmt: skip
        for path in taken:
            try:
                self._take(path, seen[path])
            except (OSError, OutputError) as error:
                if storage_error(error) is not None:
                    raise
                if not path.exists():  # somebody else took it, another node perhaps
                    continue
                self._avoid(path, seen[path], error)
        return bool(taken)

    def _files(self) -> dict[Path, _Seen]:
        found = {}
        for path in sorted(self.folder.rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(self.folder).parts)
            with contextlib.suppress(OSError):  # it was taken away, or nobody may look at it
                if not hidden and not path.is_symlink() and path.is_file():
                    found[path] = _seen(path)
        return found

    def _take(self, path: Path, seen: _Seen) -> None:
        place = self._entrance.folder / f"{uuid.uuid4().hex}.dcm"
        part = place.with_suffix(".part")
        try:
            shutil.copyfile(path, part)
            if _seen(path) != seen:
                return  # somebody goes on writing it
            put(part, place, private=True)
        finally:
            part.unlink(missing_ok=True)
        self._entrance.enter([Arrived(place, NAME)])
        path.unlink()

    def _avoid(self, path: Path, seen: _Seen, error: Exception) -> None:
        before = self._avoided.get(path)
        wait_s = _FIRST_WAIT_S if before is None else min(2 * before.wait_s, _LONGEST_WAIT_S)
        self._avoided[path] = _Avoided(seen, self.clock() + wait_s, wait_s)
        if before is None:
            cause = error if isinstance(error, OSError) else error.__cause__
            # Its name may be the patient's.
            _LOG.error(
                "a file of the watched folder cannot be taken, or not be taken out of it",
                extra={"reason": getattr(cause, "strerror", None) or type(error).__name__},
            )


def _seen(path: Path) -> _Seen:
    told = path.stat()
    return told.st_size, told.st_mtime_ns
