"""What keeps a node from its work, in sentences: the page for health and `deepvein status` tell the same."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

from deepvein.node.belonging import MARK
from deepvein.node.database.columns import now
from deepvein.node.database.database import AWAY, in_words
from deepvein.node.database.schema import FolderRow, JobRow, StudyRow
from deepvein.node.fitness import unfit
from deepvein.node.pulse import SILENT_S, silences
from deepvein.node.states import JobState, Priority
from deepvein.node.store import ARRIVING, RESULTS, STUDIES

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from deepvein.node.database.database import Database

_LEAST_BYTES = 2**28
"""With less on the disk there is no room for a study."""

_HANGS = "the database or the disk of the node's folder does not answer"

_LOCK_WAIT = "2s"
"""How long PostgreSQL may wait for a table: who asks whether all is well wants to hear it soon."""


def troubles(database: Database, folder: Path) -> tuple[str, ...]:
    """One sentence each, without patients' names or the folder's place; none where all can work."""
    found = []
    try:
        with database.reading() as session:
            if not database.is_sqlite:
                session.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_WAIT}'"))
            mark = session.scalar(select(FolderRow.mark))
            waiting = _waiting(session)
    except AWAY as error:
        found.append(f"the database cannot be used ({in_words(error)})")
        mark, waiting = None, 0
    found += _of_folder(folder, mark)
    found += [f"{worker} {reason}" for worker, reason in unfit(folder).items()]
    found += _of_workers(folder, waiting)
    return tuple(found)


class Look:
    """`troubles` within a few seconds: a server or a disk that hangs is one, and who asks must hear of it."""

    def __init__(self, database: Database, folder: Path, patience_s: float = 5.0) -> None:
        self.database, self.folder, self.patience_s = database, folder, patience_s
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._found: tuple[str, ...] | None = None

    def found(self) -> tuple[str, ...]:
        """What is found now; of a look that has not come to its end yet that it has not."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._found = None
                self._thread = threading.Thread(target=self._look, name="readiness", daemon=True)
                self._thread.start()
            thread = self._thread
        thread.join(self.patience_s)
        return (_HANGS,) if thread.is_alive() or self._found is None else self._found

    def _look(self) -> None:
        self._found = troubles(self.database, self.folder)


def _waiting(session: Session) -> int:
    """How many screenings wait although they could have begun for a while."""
    session.scalar(select(StudyRow.id).limit(1))  # a table that is locked keeps images out
    long_ago = now() - timedelta(seconds=SILENT_S)
    which = (
        JobRow.state == JobState.WAITING,
        JobRow.priority < Priority.OFF_PEAK.rank,
        JobRow.queued < long_ago,
        JobRow.due < long_ago,
    )
    return session.scalar(select(func.count(JobRow.id)).where(*which)) or 0


def _of_folder(folder: Path, mark: str | None) -> Iterator[str]:
    """What is wrong with the folder; mark: that the database knows, if it knows one."""
    if mark is not None:
        there = ""
        with suppress(OSError, ValueError):
            there = (folder / MARK).read_text(encoding="utf-8").strip()
        if there != mark:
            yield f"the node's folder is not there, or not its own ({MARK} is missing): mount its disk"
            return
    arriving = folder / ARRIVING
    within = [folder / STUDIES, folder / RESULTS, *sorted(arriving.glob("*"))]
    for place in (folder, arriving, *(path for path in within if path.is_dir())):
        try:
            with tempfile.TemporaryFile(dir=place):
                pass
        except FileNotFoundError:
            if place == folder:
                yield "the node's folder is gone"  # the receiver makes the others anew
        except OSError as error:
            name = "" if place == folder else f" ({place.relative_to(folder)})"
            yield f"the node's folder{name} cannot be written to: {error.strerror or error}"
    with suppress(OSError):
        if shutil.disk_usage(folder).free < _LEAST_BYTES:
            yield "the disk is full"


def _of_workers(folder: Path, waiting: int) -> Iterator[str]:
    silent = silences(folder)
    for worker, seconds in silent.items():
        if seconds >= SILENT_S:
            yield (
                f"{worker} has shown no sign of life for {seconds:.0f} s: this worker was frozen or killed, "
                "start it again there"
            )
    if waiting and all(seconds >= SILENT_S for seconds in silent.values()):
        yield f"{waiting} {'study waits' if waiting == 1 else 'studies wait'} and no worker is at work"
