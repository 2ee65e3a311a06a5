"""The way in for files of one folder: what trouble with the disk keeps out is tried again, later and later."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from deepvein.node.database.schema import QuarantinedRow
from deepvein.node.intake import Arrived, Stuck, enter
from deepvein.node.store import ARRIVING

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from deepvein.node.database.database import Database
    from deepvein.node.store import Store

_LOG = logging.getLogger(__name__)

_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 600.0
"""Before a file is tried again, doubled with each further time."""

IS_STUCK = QuarantinedRow.path.startswith(f"{ARRIVING}/")
"""Whether a row tells of a file that waits for another try, not of one in quarantine."""


@dataclass(frozen=True)
class _Kept:
    """A file that waits for another try: when, and how long it waited for it."""

    arrived: Arrived
    due_s: float
    wait_s: float


def unlist(session: Session, store: Store, folder: Path) -> None:
    """Forget that files of a folder are stuck there."""
    beginning = store.relative(folder) + "/"
    which = QuarantinedRow.path.startswith(beginning, autoescape=True)
    session.execute(delete(QuarantinedRow).where(which))


class Entrance:
    """Enters the files that arrive in the folder called `name`.

    A file that cannot be read, or moved to its place, stays where it is; it is told once in the log and listed
    with its reason where quarantined ones are, under the path at which it lies, until a later try succeeds.
    """

    def __init__(
        self,
        name: str,
        database: Database,
        store: Store,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self.database, self.store, self.clock = name, database, store, clock
        self._kept: dict[Path, _Kept] = {}
        self._begun = False

    @property
    def folder(self) -> Path:
        """Where the files arrive."""
        return self.store.arriving(self.name)

    @property
    def pause_s(self) -> float:
        """How long until a file is to be tried again; infinity if none waits for that."""
        due_s = min((one.due_s for one in self._kept.values()), default=math.inf)
        return max(0.0, due_s - self.clock())

    def enter(self, files: Sequence[Arrived]) -> None:
        """Enter files, and those whose time has come; errors are those of `intake.enter`."""
        time_s = self.clock()
        again = [one.arrived for one in self._kept.values() if one.due_s <= time_s]
        fresh = [one for one in files if one.path not in self._kept]
        stuck = enter(self.database, self.store, self.name, [*fresh, *again])
        self._list(stuck, [one.path for one in again])
        for one in again:
            if one.path not in {other.arrived.path for other in stuck}:
                del self._kept[one.path]
        for other in stuck:
            path = other.arrived.path
            wait_s = _FIRST_WAIT_S
            if path in self._kept:
                wait_s = min(2 * self._kept[path].wait_s, _LONGEST_WAIT_S)
            self._kept[path] = _Kept(other.arrived, time_s + wait_s, wait_s)

    def _list(self, stuck: Sequence[Stuck], before: Sequence[Path]) -> None:
        """Bring the list up to date: what is stuck since now, and what of `before` is not any more."""
        paths = {one.arrived.path for one in stuck}
        came = [one for one in stuck if one.arrived.path not in before]
        went = [path for path in before if path not in paths]
        if not self._begun or came or went:
            with self.database.writing() as session:
                if not self._begun:  # what was listed before this process began
                    unlist(session, self.store, self.folder)
                gone = [self.store.relative(path) for path in went]
                session.execute(delete(QuarantinedRow).where(QuarantinedRow.path.in_(gone)))
                for one in came:
                    self._add(session, one)
            self._begun = True
        if came:
            _LOG.error(
                "files cannot be taken in and are tried again",
                extra={"count": len(came), "reason": came[0].reason},
            )
        if went:
            _LOG.info("files could be taken in after all", extra={"count": len(went)})

    def _add(self, session: Session, one: Stuck) -> None:
        path = self.store.relative(one.arrived.path)
        if session.scalar(select(QuarantinedRow.id).where(QuarantinedRow.path == path)) is None:
            calling_ae = one.arrived.calling_ae[:64]
            session.add(
                QuarantinedRow(
                    path=path, reason=one.reason, uid=one.arrived.uid, calling_ae=calling_ae
                )
            )
