"""A watched folder: whatever is put into it is taken in, and leaves it."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deepvein.core.files import put
from deepvein.node.intake import Arrived, enter
from deepvein.node.standstill import Standstill

if TYPE_CHECKING:
    from deepvein.node.database.database import Database
    from deepvein.node.store import Store

NAME = "watch"
"""Of the folder where its files arrive, beside those of receivers."""


@dataclass(frozen=True)
class WatchSettings:
    """folder: what is watched, at any depth; None for nothing. settle_s: for how long a file must not have
    changed before it is taken, for it may still be written."""

    folder: Path | None = None
    settle_s: float = 10.0


class Watch:
    """Takes settled files: into the node first, then out of the folder. Links and hidden files stay."""

    def __init__(
        self,
        folder: Path,
        settle_s: float,
        database: Database,
        store: Store,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder, self.settle_s = folder, settle_s
        self.database, self.store = database, store
        self._standstill = Standstill[Path, tuple[int, int]](clock)

    def step(self) -> bool:
        """Look once; whether a file was taken."""
        arriving = self.store.arriving(NAME)
        arriving.mkdir(parents=True, exist_ok=True)
        # What was taken before this process was killed.
        left = [Arrived(path, NAME) for path in sorted(arriving.glob("*.dcm"))]
        if left:
            enter(self.database, self.store, NAME, left)
        taken = [
            path for path, still_s in self._standstill.seconds(self._files()).items()
            if still_s >= self.settle_s
        ]  # fmt: skip
        for path in taken:
            self._take(path, arriving)
        return bool(taken)

    def _files(self) -> dict[Path, tuple[int, int]]:
        found = {}
        for path in sorted(self.folder.rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(self.folder).parts)
            if hidden or path.is_symlink() or not path.is_file():
                continue
            told = path.stat()
            found[path] = (told.st_size, told.st_mtime_ns)
        return found

    def _take(self, path: Path, arriving: Path) -> None:
        place = arriving / f"{uuid.uuid4().hex}.dcm"
        part = place.with_suffix(".part")
        try:
            shutil.copyfile(path, part)
            put(part, place, private=True)
        finally:
            part.unlink(missing_ok=True)
        enter(self.database, self.store, NAME, [Arrived(place, NAME)])
        path.unlink()
