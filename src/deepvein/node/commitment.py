"""Storage commitment (PS3.4 J): an archive says that it will keep what it has accepted.

The question goes out over one association, the answer comes back over the same or another one, some time
later; the database knows to which question it belongs.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, delete, or_, select, true, update

from deepvein.node.database.columns import now
from deepvein.node.database.schema import AcceptedRow, DeliveryRow, ObjectRow
from deepvein.node.sender import DicomPeer, associate
from deepvein.node.states import DeliveryState

if TYPE_CHECKING:
    from deepvein.node.database.database import Database

_LOG = logging.getLogger(__name__)

PUSH_MODEL = "1.2.840.10008.1.20.1"
_INSTANCE = "1.2.840.10008.1.20.1.1"
_REQUEST = 1


@dataclass(frozen=True)
class Report:
    """An archive's answer: the SOP Instance UIDs that it will keep, and those that it will not."""

    transaction: str
    kept: tuple[str, ...]
    failed: tuple[str, ...]


class Commitment:
    """Asks archives to commit themselves to what they have accepted.

    patience_s: after which a question that found no answer is asked again. linger_s: how long its association
    stays open for an answer. give_up_hours: of such waits, after which the delivery is listed as failed.
    which: of the deliveries, as for `Delivery`.
    """

    def __init__(
        self,
        database: Database,
        peers: Mapping[str, DicomPeer],
        patience_s: float = 600.0,
        linger_s: float = 2.0,
        give_up_hours: float = 72.0,
        which: ColumnElement[bool] | None = None,
    ) -> None:
        self.database, self.peers = database, peers
        self.patience_s, self.linger_s = patience_s, linger_s
        self.give_up_hours = give_up_hours
        self._which = true() if which is None else which

    def step(self) -> bool:
        """Ask the next archive; False if there was none to be asked."""
        taken = self._take()
        if taken is None:
            return False
        delivery, transaction, destination, objects = taken
        peer = self.peers.get(destination)
        none = (
            "" if peer is not None else "it was taken out of the settings that the archive is asked"
        )
        if peer is not None and not self._ask(peer, transaction, objects):
            none = "the archive offers no storage commitment"
        if none:
            with self.database.writing() as session:
                row = session.get_one(DeliveryRow, delivery)
                if row.state is DeliveryState.COMMITTING:
                    row.state, row.finished = DeliveryState.DELIVERED, now()
                    row.reason = none
        return True

    def _take(self) -> tuple[int, str, str, list[tuple[str, str]]] | None:
        from pydicom.uid import generate_uid

        moment = now()
        with self.database.writing() as session:
            row = session.scalar(
                select(DeliveryRow)
                .where(
                    DeliveryRow.state == DeliveryState.COMMITTING,
                    self._which,
                    or_(DeliveryRow.due <= moment, DeliveryRow.queued > moment),
                )
                .order_by(DeliveryRow.due)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if row is None:
                return None
            if row.transaction:
                row.reason = "the archive has everything, but has not said that it keeps it"
                # How often it was asked: a clock that jumps says nothing about how long that took.
                if row.beat * self.patience_s > 3600.0 * self.give_up_hours:
                    row.state, row.finished, row.transaction = DeliveryState.FAILED, moment, ""
                    return None
            row.beat += 1
            row.transaction = str(generate_uid(prefix=None))
            row.queued, row.due = moment, moment + timedelta(seconds=self.patience_s)
            objects = session.execute(
                select(ObjectRow.sop_class, ObjectRow.uid).where(
                    ObjectRow.result_id == row.result_id
                )
            )
            return row.id, row.transaction, row.destination, [(one[0], one[1]) for one in objects]

    def _ask(self, peer: DicomPeer, transaction: str, objects: list[tuple[str, str]]) -> bool:
        """Send the question; False only if the archive answers that it does not know such questions."""
        from pydicom import Dataset
        from pynetdicom import evt

        def heard(event: Any) -> tuple[int, None]:
            return reported(self.database, event), None

        try:
            association = associate(peer, [PUSH_MODEL], [(evt.EVT_N_EVENT_REPORT, heard)])
        except OSError:  # a host that nobody knows, now; it is asked again
            return True
        if not association.is_established:
            # Rejected contexts tell an archive that is there and knows no commitment.
            return not association.rejected_contexts
        try:
            question = Dataset()
            question.TransactionUID = transaction
            question.ReferencedSOPSequence = [_reference(*one) for one in objects]
            answer, _ = association.send_n_action(question, _REQUEST, PUSH_MODEL, _INSTANCE)
            if answer.get("Status") != 0x0000:
                _LOG.warning("storage commitment was refused", extra={"destination": peer.name})
            end = time.monotonic() + self.linger_s
            while (
                time.monotonic() < end and association.is_established and self._waits(transaction)
            ):
                time.sleep(0.05)
        except (ValueError, RuntimeError):
            _LOG.warning("storage commitment broke off", extra={"destination": peer.name})
        finally:
            if association.is_established:
                association.release()
        return True

    def _waits(self, transaction: str) -> bool:
        with self.database.reading() as session:
            known = select(DeliveryRow.id).where(
                DeliveryRow.transaction == transaction,
                DeliveryRow.state == DeliveryState.COMMITTING,
            )
            return session.scalar(known) is not None


def reported(database: Database, event: Any) -> int:
    """Hear an archive's answer (N-EVENT-REPORT); the status to give back."""
    try:
        said = event.event_information
        report = Report(
            str(said.TransactionUID),
            tuple(
                str(one.ReferencedSOPInstanceUID) for one in said.get("ReferencedSOPSequence", ())
            ),
            tuple(str(one.ReferencedSOPInstanceUID) for one in said.get("FailedSOPSequence", ())),
        )
    except Exception:  # noqa: BLE001  (a damaged data set makes pydicom raise anything)
        return 0x0110
    enter_report(database, report)
    return 0x0000


def enter_report(database: Database, report: Report) -> None:
    """What an archive will not keep is sent again; when it keeps all, the result is delivered.

    An answer to a question that was never asked, or asked anew since, changes nothing.
    """
    with database.writing() as session:
        row = session.scalar(
            select(DeliveryRow)
            .where(
                DeliveryRow.transaction == report.transaction,
                DeliveryRow.state == DeliveryState.COMMITTING,
            )
            .with_for_update()
        )
        if row is None:
            return
        mine = AcceptedRow.delivery_id == row.id

        def named(uids: tuple[str, ...]) -> Any:
            of_result = ObjectRow.result_id == row.result_id
            return AcceptedRow.object_id.in_(
                select(ObjectRow.id).where(of_result, ObjectRow.uid.in_(uids))
            )

        session.execute(update(AcceptedRow).where(mine, named(report.kept)).values(committed=True))
        session.execute(delete(AcceptedRow).where(mine, named(report.failed)))
        committed = session.scalars(
            select(AcceptedRow.object_id).where(mine, AcceptedRow.committed)
        )
        wanted = session.scalars(select(ObjectRow.id).where(ObjectRow.result_id == row.result_id))
        if set(wanted) <= set(committed):
            row.state, row.finished, row.reason = DeliveryState.DELIVERED, now(), ""
        else:
            row.state, row.queued, row.due = DeliveryState.WAITING, now(), now()
            row.reason = f"the archive will not keep {len(report.failed)} of its objects"


def _reference(sop_class: str, uid: str) -> Any:
    from pydicom import Dataset

    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, uid
    return item
