"""Results on their way: each goes to each destination until the peer has said yes to every object."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, or_, select, true

from deepvein.core.errors import DeepveinError
from deepvein.node.audit import Deed, record
from deepvein.node.database.columns import now
from deepvein.node.database.database import AWAY
from deepvein.node.database.schema import (
    AcceptedRow,
    DeliveryRow,
    ObjectRow,
    ResultRow,
    StudyRow,
)
from deepvein.node.parcel import Destination, Outgoing, Parcel
from deepvein.node.standstill import Standstill
from deepvein.node.states import DeliveryState

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from deepvein.node.database.database import Database
    from deepvein.node.store import Store

_LOG = logging.getLogger(__name__)

_ENDED = "the sender was ended while it sent"
_INTERRUPTED = "the database went away while it was sent"


@dataclass(frozen=True)
class DeliverySettings:
    """How deliveries are tried again.

    first_wait_s, longest_wait_s: before the second attempt, doubled with each further one. give_up_hours:
    of waits together, after which a delivery is listed as failed; and since it began, for an archive that
    accepts everything and never says that it keeps it. lease_s: how long a sender may show
    no sign of life; longer than any peer may be silent.
    """

    first_wait_s: float = 10.0
    longest_wait_s: float = 1800.0
    give_up_hours: float = 72.0
    lease_s: float = 600.0


class Delivery:
    """Sends results; several may work on one database.

    which: of the deliveries; one that cares for a single destination keeps those that are away, and keep their
    callers waiting, from holding up the others.
    """

    def __init__(
        self,
        name: str,
        database: Database,
        store: Store,
        destinations: Mapping[str, Destination],
        settings: DeliverySettings,
        clock: Callable[[], float] = time.monotonic,
        which: ColumnElement[bool] | None = None,
    ) -> None:
        self.name, self.database, self.store = name, database, store
        self._which = true() if which is None else which
        self.destinations, self.settings = destinations, settings
        self._standstill = Standstill[int, int](clock)
        self._unsure = False

    def step(self) -> bool:
        """Send the next parcel; False if there was none."""
        try:
            if self._unsure:
                self._release(_INTERRUPTED, DeliveryRow.sender == self.name, self._which)
            self._unsure = False
            return self._step()
        except AWAY:  # the database may have done what it was asked all the same
            self._unsure = True
            raise

    def _step(self) -> bool:
        self._take_from_the_dead()
        taken = self._take()
        if taken is None:
            return False
        delivery, attempt, destination = taken
        sender = self.destinations.get(destination)
        if sender is None:
            self._end(delivery, attempt, f"no destination is called {destination!r} any more")
            return True
        parcel = self._parcel(delivery)
        problem = ""
        if not sender.takes_objects or parcel.objects:
            # What was killed between its last object and this point has nothing left to send.
            problem = self._sent(sender, parcel, delivery)
        self._end(delivery, attempt, problem, sender)
        return True

    def ended(self) -> None:
        """This sender ends: what it was sending need not wait until others have found that out."""
        with suppress(*AWAY):
            self._release(_ENDED, DeliveryRow.sender == self.name, self._which)

    def _take(self) -> tuple[int, int, str] | None:
        moment = now()
        with self.database.writing() as session:
            row = session.scalar(
                select(DeliveryRow)
                .where(
                    DeliveryRow.state == DeliveryState.WAITING,
                    self._which,
                    or_(DeliveryRow.due <= moment, DeliveryRow.queued > moment),
                )
                .order_by(DeliveryRow.due, DeliveryRow.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if row is None:
                return None
            row.state, row.sender = DeliveryState.SENDING, self.name
            row.attempts += 1
            row.beat += 1
            return row.id, row.attempts, row.destination

    def _parcel(self, delivery: int) -> Parcel:
        with self.database.reading() as session:
            row = session.get_one(DeliveryRow, delivery)
            result = session.get_one(ResultRow, row.result_id)
            study = session.get_one(StudyRow, result.study_id)
            folder = self.store.absolute(result.folder)
            return Parcel(
                result=result.id,
                study_uid=study.uid,
                accession_number=study.accession_number,
                verdict=result.verdict,
                probability=result.probability,
                findings=result.findings,
                objects=tuple(
                    Outgoing(one.uid, one.sop_class, folder / one.name)
                    for one in _outstanding(session, row)
                ),
            )

    def _accept(self, delivery: int, uid: str, status: int) -> None:
        with self.database.writing() as session:
            row = session.get_one(DeliveryRow, delivery)
            row.beat += 1
            found = session.scalar(
                select(ObjectRow).where(ObjectRow.result_id == row.result_id, ObjectRow.uid == uid)
            )
            if found is not None and not _is_accepted(session, delivery, found.id):
                session.add(AcceptedRow(delivery_id=delivery, object_id=found.id, status=status))

    def _end(
        self, delivery: int, attempt: int, problem: str, sender: Destination | None = None
    ) -> None:
        moment = now()
        with self.database.writing() as session:
            row = session.get_one(DeliveryRow, delivery, with_for_update=True)
            if (row.state, row.attempts) != (DeliveryState.SENDING, attempt):
                return  # it was superseded, or taken from us
            has_objects = sender is not None and sender.takes_objects
            if not problem and has_objects and _outstanding(session, row):
                problem = "the peer has not said yes to every object"
            row.reason, row.sender = problem, ""
            if not problem and sender is not None and sender.commits:
                row.state, row.queued, row.due = DeliveryState.COMMITTING, moment, moment
                row.beat = 0  # from now on it counts questions
            elif not problem:
                row.state, row.finished = DeliveryState.DELIVERED, moment
            elif _waited_s(row.attempts, self.settings) > 3600.0 * self.settings.give_up_hours:
                row.state, row.finished = DeliveryState.FAILED, moment
            else:
                _wait(row, self.settings)
            result = session.get_one(ResultRow, row.result_id)
            study = session.get_one(StudyRow, result.study_id)
            outcome = "failure" if problem else "success"
            detail = f"to {row.destination}, attempt {attempt}"
            record(session, Deed("deliver", study_uid=study.uid, outcome=outcome, detail=detail))
        _LOG.log(
            logging.WARNING if problem else logging.INFO,
            "delivery failed" if problem else "delivered",
            extra={"study": study.id, "destination": row.destination, "attempt": attempt},
        )

    def _sent(self, sender: Destination, parcel: Parcel, delivery: int) -> str:
        """Send; what went wrong in words."""
        try:
            return sender.send(parcel, lambda uid, status: self._accept(delivery, uid, status))
        except AWAY:
            raise
        except Exception as error:  # noqa: BLE001  (whatever it is, the others go out)
            gone = [one.path.name for one in parcel.objects if not one.path.is_file()]
            if isinstance(error, FileNotFoundError) and gone:
                return (
                    f"{gone[0]} of the result is gone: put it back, or let `deepvein retry` screen the "
                    "study again"
                )
            return (
                str(error)
                if isinstance(error, DeepveinError)
                else f"{type(error).__name__}: {error}"
            )

    def _take_from_the_dead(self) -> None:
        with self.database.reading() as session:
            seen = session.execute(
                select(DeliveryRow.id, DeliveryRow.beat).where(
                    DeliveryRow.state == DeliveryState.SENDING, self._which
                )
            ).all()
        still = self._standstill.seconds({row[0]: row[1] for row in seen})
        for number, beat in seen:
            if still[number] >= self.settings.lease_s:
                self._release(_ENDED, DeliveryRow.id == number, DeliveryRow.beat == beat)

    def _release(self, reason: str, *which: ColumnElement[bool]) -> None:
        with self.database.writing() as session:
            rows = session.scalars(
                select(DeliveryRow)
                .where(DeliveryRow.state == DeliveryState.SENDING, *which)
                .with_for_update()
            )
            for row in rows:
                row.reason, row.sender = reason, ""
                row.beat += 1
                _wait(row, self.settings)


def _wait(row: DeliveryRow, settings: DeliverySettings) -> None:
    row.state, row.queued = DeliveryState.WAITING, now()
    row.due = row.queued + timedelta(seconds=_wait_s(row.attempts, settings))


def _wait_s(attempts: int, settings: DeliverySettings) -> float:
    # Doubling has an end before numbers grow too large.
    doubled = settings.first_wait_s * float(2 ** min(attempts - 1, 30))
    return min(doubled, settings.longest_wait_s)


def _waited_s(attempts: int, settings: DeliverySettings) -> float:
    """How long was waited between so many attempts: a clock that jumps says nothing about that."""
    return sum(_wait_s(one, settings) for one in range(1, attempts))


def _outstanding(session: Session, row: DeliveryRow) -> list[ObjectRow]:
    """The objects that a destination has not accepted yet."""
    accepted = select(AcceptedRow.object_id).where(AcceptedRow.delivery_id == row.id)
    return list(
        session.scalars(
            select(ObjectRow)
            .where(ObjectRow.result_id == row.result_id, ObjectRow.id.not_in(accepted))
            .order_by(ObjectRow.id)
        )
    )


def _is_accepted(session: Session, delivery: int, number: int) -> bool:
    known = select(AcceptedRow.id).where(
        AcceptedRow.delivery_id == delivery, AcceptedRow.object_id == number
    )
    return session.scalar(known) is not None
