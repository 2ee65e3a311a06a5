from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydicom import Dataset
from pynetdicom import AE, build_role, evt
from sqlalchemy import select

from deepvein.node import commitment as module
from deepvein.node.commitment import PUSH_MODEL, Commitment, Report, enter_report
from deepvein.node.database.columns import now
from deepvein.node.database.schema import AcceptedRow, DeliveryRow, ObjectRow
from deepvein.node.receiver import Receiver, ReceiverSettings
from deepvein.node.retry import retry
from deepvein.node.sender import DicomPeer
from deepvein.node.states import DeliveryState
from deepvein.node.status import status
from unit.node.instances import wait_for
from unit.node.test_delivery import result, row  # noqa: F401


class Archive:
    """Answers questions for commitment: not at all, or to `calls`, the port of a receiver."""

    def __init__(self, offers: bool = True, calls: int = 0, fails: int = 0) -> None:
        self.offers, self.calls, self.fails = offers, calls, fails
        self.asked: list[Dataset] = []

    def __enter__(self) -> Archive:
        entity = AE(ae_title="ARCHIVE")
        entity.add_supported_context("1.2.840.10008.1.1")
        if self.offers:
            entity.add_supported_context(PUSH_MODEL)
        handlers = [(evt.EVT_N_ACTION, self._asked), (evt.EVT_RELEASED, self._answer)]
        self._server: Any = entity.start_server(
            ("127.0.0.1", 0), block=False, evt_handlers=handlers
        )
        self.peer = DicomPeer(
            "pacs", "127.0.0.1", self._server.server_address[1], "ARCHIVE", timeout_s=5.0
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()

    def _asked(self, event: Any) -> tuple[int, None]:
        self.asked.append(event.action_information)
        return 0x0000, None

    def _answer(self, event: Any) -> None:
        if not self.calls:
            return
        report = Dataset()
        report.TransactionUID = self.asked[-1].TransactionUID
        references = list(self.asked[-1].ReferencedSOPSequence)
        report.ReferencedSOPSequence = references[self.fails :]
        if self.fails:
            report.FailedSOPSequence = references[: self.fails]
        entity = AE(ae_title="ARCHIVE")
        entity.add_requested_context(PUSH_MODEL)
        association = entity.associate(
            "127.0.0.1", self.calls, ext_neg=[build_role(PUSH_MODEL, scp_role=True)]
        )
        kind = 2 if self.fails else 1
        association.send_n_event_report(report, kind, PUSH_MODEL, "1.2.840.10008.1.20.1.1")
        association.release()


@pytest.fixture
def accepted(database, result):  # noqa: F811
    """The delivery after the archive has accepted all three objects."""
    with database.writing() as session:
        delivery = session.scalars(select(DeliveryRow)).one()
        delivery.state, delivery.due = DeliveryState.COMMITTING, now()
        for one in session.scalars(select(ObjectRow)).all():
            session.add(AcceptedRow(delivery_id=delivery.id, object_id=one.id))


def ask(database, archive: Archive) -> None:
    assert Commitment(database, {"pacs": archive.peer}, linger_s=0.0).step()


@pytest.mark.parametrize(
    ("fails", "state", "left"),
    [(0, DeliveryState.DELIVERED, 3), (1, DeliveryState.WAITING, 2)],
)
def test_the_answer_comes_to_the_receiver(database, store, accepted, fails, state, left):
    receiver = Receiver(ReceiverSettings(port=0), database, store)
    receiver.start()
    try:
        with Archive(calls=receiver.port, fails=fails) as archive:
            ask(database, archive)
            wait_for(lambda: row(database).state is state)
            assert len(archive.asked[0].ReferencedSOPSequence) == 3
    finally:
        receiver.stop()
    with database.reading() as session:
        kept = session.scalars(select(AcceptedRow)).all()
        assert len(kept) == left
        assert all(one.committed for one in kept)


def test_an_archive_that_offers_none_has_the_result_all_the_same(database, accepted):
    with Archive(offers=False) as archive:
        ask(database, archive)
    assert row(database).state is DeliveryState.DELIVERED
    assert "offers no storage commitment" in row(database).reason


def test_an_archive_that_was_taken_out_of_the_settings_is_not_asked(database, accepted):
    assert Commitment(database, {}, linger_s=0.0).step()
    assert row(database).state is DeliveryState.DELIVERED
    assert "taken out of the settings" in row(database).reason


# pynetdicom 3.0.4 leaves the socket of a refused connection to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_without_an_answer_it_is_asked_again_later(database, accepted):
    with Archive() as archive:
        ask(database, archive)
        first = row(database)
        assert first.state is DeliveryState.COMMITTING
        commitment = Commitment(database, {"pacs": archive.peer}, linger_s=0.0)
        assert not commitment.step()
        with database.writing() as session:
            session.scalars(select(DeliveryRow)).one().due = now()
        assert commitment.step()
        assert row(database).transaction != first.transaction
        # The answer to the first question says nothing any more.
        enter_report(database, Report(first.transaction, (), ()))
        assert row(database).state is DeliveryState.COMMITTING
    with database.writing() as session:
        session.scalars(select(DeliveryRow)).one().due = now()
    assert commitment.step()
    assert row(database).state is DeliveryState.COMMITTING


def test_who_asks_one_archive_leaves_the_others_alone(database, accepted):
    with Archive() as archive:
        which = DeliveryRow.destination == "research"
        assert not Commitment(database, {"pacs": archive.peer}, which=which).step()
        assert archive.asked == []


def test_a_clock_that_jumps_back_keeps_no_question_waiting(database, accepted, monkeypatch):
    with Archive() as archive:
        ask(database, archive)
        commitment = Commitment(database, {"pacs": archive.peer}, linger_s=0.0)
        assert not commitment.step()
        monkeypatch.setattr(module, "now", lambda: now() - timedelta(days=2))
        assert commitment.step()


def test_answers_to_nothing_change_nothing(database, accepted):
    enter_report(database, Report("1.2.3", ("4.5",), ("6.7",)))
    assert row(database).state is DeliveryState.COMMITTING


def make_due(database) -> None:
    with database.writing() as session:
        session.scalars(select(DeliveryRow)).one().due = now()


def test_a_clock_that_was_set_right_gives_nothing_up(database, accepted):
    """Of a machine whose clock began in 1970, until it was told the time."""
    with database.writing() as session:
        session.scalars(select(DeliveryRow)).one().created = now() - timedelta(days=20_000)
    with Archive() as archive:
        asking = Commitment(database, {"pacs": archive.peer}, linger_s=0.0)
        assert asking.step()
        make_due(database)
        assert asking.step()
    assert row(database).state is DeliveryState.COMMITTING


def test_an_archive_that_never_says_that_it_keeps_is_told_of_and_given_up(
    database, store, accepted
):
    with Archive() as archive:
        asking = Commitment(
            database, {"pacs": archive.peer}, patience_s=600.0, linger_s=0.0, give_up_hours=0.3
        )
        assert asking.step()
        assert status(database).troubles == ()
        make_due(database)
        assert asking.step()
        (trouble,) = status(database).troubles
        assert (trouble.destination, trouble.tried_again) == ("pacs", True)
        assert "has not said that it keeps it" in trouble.reason
        make_due(database)
        assert not asking.step()
    (trouble,) = status(database).troubles
    assert (trouble.destination, trouble.tried_again) == ("pacs", False)
    assert row(database).state is DeliveryState.FAILED
    assert retry(database, store).deliveries == 1
    assert row(database).state is DeliveryState.WAITING
