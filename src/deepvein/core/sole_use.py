"""A folder that one process alone works in: a second one is refused instead of mixing its results in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deepvein.core.errors import OutputError, UsageError


@contextmanager
def sole_use(folder: Path) -> Iterator[None]:
    """Nobody else who asks so has `folder`, which is made if it is not there, until the end of the block.

    Nothing is written for it, and it ends with the process; a folder that was made and stays empty goes
    again. Where the system has no locks of folders everybody is let in. Raises UsageError if another process
    has it, OutputError if it cannot be made.
    """
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        opened = None if os.name == "nt" else os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise OutputError(
            f"cannot write {folder} ({error.strerror}): choose a place that can be written to"
        ) from error
    try:
        if opened is not None:
            _take(opened, folder)
        yield
    finally:
        if opened is not None:
            os.close(opened)
        if made:
            with suppress(OSError):  # it holds something
                folder.rmdir()


def _take(opened: int, folder: Path) -> None:
    import fcntl

    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(
            f"another process works in {folder}; wait for its end, or choose another folder"
        ) from None
    except OSError:  # a file system without locks
        return
