"""A folder of folders that never grows beyond a size: what was used longest ago goes first."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import get_ident

from deepvein.core.errors import SettingsError
from deepvein.core.files import whole_folder
from deepvein.core.sparse import stored_bytes

GIGABYTE = 10**9
PLACE, SIZE = "DEEPVEIN_CACHE", "DEEPVEIN_CACHE_GB"
"""Environment variables: the folder, and how much it may hold."""

_USUAL_GB = 50.0
_FREE_SHARE = 0.5
"""Unless a size is set, the cache leaves at least half of the free space of its disk alone."""
_ABANDONED_S = 6 * 3600.0
"""Half-made folders this old belong to a process that was killed."""
_IN_USE_S = 30.0
"""What was asked for so recently may be about to be opened and stays, even beyond the bound."""


@dataclass(frozen=True)
class FolderCache:
    """Folders made once under a key; `most_bytes` bounds all of them together.

    Several processes may share it: a folder appears whole, and no two processes make the same one. Files
    that are open when their folder is removed stay readable (on Windows such a folder is kept). Folders asked
    for within the last 30 seconds are never removed, even if they are larger than the bound.
    """

    root: Path
    most_bytes: int

    def folder(self, key: str, make: Callable[[Path], None]) -> Path:
        """The folder of `key`; where it is missing `make` fills an empty one that becomes it."""
        target = self.root / key
        if self._used(target):
            return target
        self.root.mkdir(parents=True, exist_ok=True)
        with _locked(self.root / f".{key}.lock"):
            if self._used(target):
                return target
            with whole_folder(target) as made:
                make(made)
        self._used(target)
        self.trim()
        return target

    def trim(self) -> None:
        """Remove folders, those used longest ago first, until the rest fits into `most_bytes`."""
        entries = []
        for path in self._children():
            age = _age(path)
            if not path.name.startswith("."):
                entries.append((age, path, _bytes(path)))
            elif age > _ABANDONED_S:
                _remove(path)
        total = sum(size for _, _, size in entries)
        for age, path, size in sorted(entries, key=lambda entry: -entry[0]):
            if total <= self.most_bytes or age < _IN_USE_S:
                return
            if _age(path) < _IN_USE_S:  # asked for since
                continue
            _remove(path)
            total -= size

    @property
    def bytes(self) -> int:
        """What all folders hold now."""
        return sum(_bytes(path) for path in self._children())

    def _children(self) -> list[Path]:
        return list(self.root.iterdir()) if self.root.is_dir() else []

    def _used(self, target: Path) -> bool:
        """Whether it is there; marks it as used now."""
        try:
            os.utime(target)
        except OSError:
            return target.is_dir()
        return True


def user_cache(what: str = "cases") -> FolderCache:
    """The user's cache of made cases or of something else: in DEEPVEIN_CACHE, else below the system's folder
    for caches.

    It holds up to DEEPVEIN_CACHE_GB gigabytes, by default 50 and no more than half of what the disk has
    free. SettingsError for a size that is not a number of 0 or larger.
    """
    from platformdirs import user_cache_path

    place = os.environ.get(PLACE)
    root = (Path(place) if place else user_cache_path("deepvein", appauthor=False)) / what
    text = os.environ.get(SIZE)
    if text is None:
        return FolderCache(root, _usual_bytes(root))
    try:
        size = float(text)
    except ValueError:
        size = -1.0
    if not 0 <= size < float("inf"):
        raise SettingsError(f"{SIZE} is a number of gigabytes, 0 or larger, got {text!r}")
    return FolderCache(root, int(size * GIGABYTE))


def _usual_bytes(root: Path) -> int:
    there = next(path for path in (root, *root.parents) if path.exists())
    held = FolderCache(root, 0).bytes
    free = shutil.disk_usage(there).free
    return min(int(_USUAL_GB * GIGABYTE), int(_FREE_SHARE * (free + held)))


def _age(path: Path) -> float:
    """Seconds since it was last asked for; 0 if it is gone."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def _bytes(path: Path) -> int:
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            with contextlib.suppress(OSError):
                total += stored_bytes(Path(folder, name))
    return total


def _remove(path: Path) -> None:
    """Take a folder away whole: it is renamed first, so that nobody finds half of it."""
    if path.is_file():
        path.unlink(missing_ok=True)
        return
    gone = path.with_name(f".{path.name.strip('.')}.{os.getpid()}-{get_ident()}.gone")
    with contextlib.suppress(OSError):
        path.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock as long as this process lives; its file goes afterwards."""
    from filelock import FileLock

    with FileLock(path):
        try:
            yield
        finally:
            with contextlib.suppress(OSError):  # Windows keeps it while others wait for it
                path.unlink(missing_ok=True)
