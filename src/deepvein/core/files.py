"""Files and folders that are whole or not there, whenever the process is killed or the disk is full.

All results are written this way: in a hidden folder beside their destination, forced to the disk, then put
in place in one step. The hidden folder is locked while its process lives, so that the next write beside it
clears away what a killed process left.

    with whole_file(folder / "image.nii.gz", private=True) as path:
        nibabel.save(image, path)  # has the same name, so that a library knows its suffix
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deepvein.core.errors import DeepveinError, OutputError

_PREFIX = ".partial-"
_ABANDONED_S = 24 * 3600.0
"""Hidden folders this old are given up, where no lock can tell (another computer's, or Windows)."""

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NO_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES}
"""What file systems answer that cannot force a folder to the disk."""


def write_bytes(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file, whole or not at all; see `whole_file`."""
    with whole_file(path, private=private) as made:
        made.write_bytes(content)


def write_text(path: Path, text: str, *, private: bool = False) -> None:
    """Write UTF-8 with line ends as they are, whole or not at all; see `whole_file`.

    What stands for a byte of a file's name that is no UTF-8 is written out ("\\udcfc").
    """
    write_bytes(path, text.encode("utf-8", "backslashreplace"), private=private)


def write_json(path: Path, plain: Any, *, private: bool = False) -> None:
    """Write plain values as indented JSON, whole or not at all; see `whole_file`."""
    write_text(path, json.dumps(plain, indent=2) + "\n", private=private)


def make_folder(path: Path) -> None:
    """The folder and those above it, if they are not there; OutputError if the system refuses."""
    with _refusals(path):
        path.mkdir(parents=True, exist_ok=True)


@contextmanager
def whole_file(path: Path, *, private: bool = False) -> Iterator[Path]:
    """A path to write to, in a hidden folder; at the end of the block the file takes the place of `path`.

    What was there stays if the block fails or the process is killed. Missing parents are made.

    Parameters
    ----------
    path
        The file to be, new or not.
    private
        Only its owner may read it (mode 0600): for whatever may hold a patient's name.

    Raises
    ------
    OutputError
        The disk is full, or the place cannot be written to.
    """
    with stage(path.parent) as hidden:
        yield hidden / path.name
        put(hidden / path.name, path, private=private)


@contextmanager
def whole_folder(path: Path, *, private: bool = False, replace: bool = False) -> Iterator[Path]:
    """An empty hidden folder to fill; at the end of the block it becomes `path`.

    Parameters
    ----------
    path
        The folder to be. One that is there already must be empty, unless `replace` is set.
    private
        Only its owner may enter it and read its files (modes 0700 and 0600).
    replace
        A folder that is there is replaced. Killed between two renames, the process leaves neither.

    Raises
    ------
    OutputError
        The disk is full, the place cannot be written to, or holds something that must stay.
    """
    with stage(path.parent) as hidden:
        made = hidden / path.name
        made.mkdir()
        yield made
        old = hidden / f"{path.name}.replaced"
        if replace and path.is_dir():
            path.rename(old)
        try:
            put(made, path, private=private)
        except BaseException:
            if old.exists():
                old.rename(path)
            raise


@contextmanager
def stage(folder: Path) -> Iterator[Path]:
    """An empty hidden folder in `folder` for files in the making, to be `put` in place when all are whole.

    It goes at the end of the block, with all that is still in it, and so do parents of it that were made
    for nothing. What killed processes left in `folder` goes first. OutputError as for `whole_file`.
    """
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    try:
        with _refusals(folder):
            folder.mkdir(parents=True, exist_ok=True)
            clear_leftovers(folder)
        with _hidden(folder) as hidden, _full_disk(folder):
            yield hidden
    finally:
        with contextlib.suppress(OSError):  # until one holds something
            for parent in missing:
                parent.rmdir()


def put(made: Path, place: Path, *, private: bool = False) -> None:
    """Force a file or folder to the disk and let it take the place of `place` in one step.

    Both lie on one file system. A folder takes the place of nothing or of an empty folder.
    private: as in `whole_file`. OutputError if the disk is full or the system does not let us.
    """
    with _refusals(place):
        for path in (made, *made.rglob("*")) if made.is_dir() else (made,):
            if private and not path.is_symlink():
                path.chmod(0o700 if path.is_dir() else 0o600)
            sync(path)
        made.replace(place)
        sync(place.parent)


def move(files: Sequence[tuple[Path, Path]]) -> None:
    """Move files whose bytes are on the disk already to their places, and force their new names to it.

    Only their owner may read them then. Each folder is forced once. Missing folders are made. OutputError as
    for `put`.
    """
    for made, place in files:
        with _refusals(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            made.chmod(0o600)
            made.replace(place)
    for folder in {path.parent for pair in files for path in pair}:
        with _refusals(folder):
            sync(folder)


def sync(path: Path) -> None:
    """Force a file's bytes or a folder's names to the disk, where the system can."""
    if path.is_dir() and os.name == "nt":
        return
    opened = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(opened)
    except OSError as error:
        if not path.is_dir() or error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(opened)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until nobody else who asks so changes what lies in `folder`; nobody does until the end of the block.

    Nothing is written for it, and it ends with the process. A hidden folder of ours is never shared, and
    where the system has no locks of folders nothing is waited for.
    """
    lock = None if folder.name.startswith(_PREFIX) else _lock(folder, wait=True)
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def clear_leftovers(folder: Path) -> None:
    """Remove the hidden folders in `folder` whose process was killed; those of living ones stay."""
    for path in folder.glob(f"{_PREFIX}*"):
        lock = _lock(path, wait=False) if path.name.startswith(_own_prefix()) else None
        if lock is not None or _age_s(path) > _ABANDONED_S:
            shutil.rmtree(path, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def storage_error(error: Exception, path: Path | None = None) -> OutputError | None:
    """The error to raise if `error`, or what it came from, is a full disk or a quota; None if it is not.

    path: what was being written, if the error does not say.
    """
    cause = _full_cause(error)
    if cause is None:
        return None
    where = path or (Path(cause.filename) if isinstance(cause.filename, str) else None)
    return OutputError(
        f"no room to write {_seen(where) if where else 'the results'} ({os.strerror(cause.errno or 0)}): free "
        "some space there, or write to another disk"
    )


def _full_cause(error: BaseException | None) -> OSError | None:
    """The error of the system behind `error`, which libraries wrap, if that is a full disk."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return error
        if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
            return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        error = error.__cause__ or error.__context__
    return None


def _seen(path: Path) -> Path:
    """The path as users know it, without hidden folders of ours."""
    for index, part in enumerate(path.parts):
        if part.startswith(_PREFIX):
            return Path(*path.parts[:index])
    return path


@contextmanager
def _full_disk(path: Path) -> Iterator[None]:
    try:
        yield
    except DeepveinError:  # says already what is wrong
        raise
    except Exception as error:  # libraries make anything of it
        full = storage_error(error, path)
        if full is None:
            raise
        raise full from error


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Say what the system refuses to do at `path`."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise storage_error(error, path) or OutputError(
            f"cannot write {_seen(path)} ({reason}): choose a place that can be written to"
        ) from error


@contextmanager
def _hidden(folder: Path) -> Iterator[Path]:
    with _refusals(folder):
        hidden, lock = _locked(folder)
    try:
        yield hidden
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _locked(folder: Path) -> tuple[Path, int | None]:
    """A new hidden folder and the open lock on it; None where the system has no locks of folders."""
    while True:
        hidden = Path(tempfile.mkdtemp(prefix=_own_prefix(), dir=folder))
        lock = _lock(hidden, wait=True)
        # In the moment between the two another process may have cleared it away.
        if hidden.exists():
            return hidden, lock
        if lock is not None:
            os.close(lock)


def _lock(hidden: Path, wait: bool) -> int | None:
    """A lock that ends with this process; None if there are none, or if another one holds it and must not be
    waited for."""
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    try:
        opened = os.open(hidden, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(opened)
        return None
    return opened


def _own_prefix() -> str:
    """How hidden folders of this computer begin: a lock says nothing about another one's processes."""
    return f"{_PREFIX}{platform.node()[:40]}-"


def _age_s(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:  # gone
        return 0.0
