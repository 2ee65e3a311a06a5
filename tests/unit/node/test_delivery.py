from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from deepvein.node import delivery as module
from deepvein.node.database.columns import now
from deepvein.node.database.database import AWAY
from deepvein.node.database.schema import (
    AcceptedRow,
    AuditRow,
    DeliveryRow,
    JobRow,
    ResultRow,
    StudyRow,
)
from deepvein.node.delivery import Delivery, DeliverySettings
from deepvein.node.sender import DicomPeer, DicomSender
from deepvein.node.states import DeliveryState, JobState
from deepvein.node.worker import objects_in
from unit.node.archive import Archive
from unit.node.instances import image, save

SETTINGS = DeliverySettings(first_wait_s=10.0, give_up_hours=1.0, lease_s=5.0)


@pytest.fixture
def result(database, store):
    """A result of three objects on its way to the destination `pacs`."""
    folder = store.result("1.2", 1)
    for number in range(3):
        save(image(1, number), folder / f"{number}.dcm")
    with database.writing() as session:
        study = StudyRow(uid="1.2")
        session.add(study)
        session.flush()
        job = JobRow(study_id=study.id, revision=1, priority=1, state=JobState.DONE)
        session.add(job)
        session.flush()
        made = ResultRow(
            study_id=study.id, job_id=job.id, revision=1, verdict="dvt", findings=1,
            folder=store.relative(folder),
        )  # fmt: skip
        made.objects.extend(objects_in(folder))
        session.add(made)
        session.flush()
        session.add(DeliveryRow(result_id=made.id, destination="pacs"))
        return made


def deliver(database, store, port: int, **settings) -> Delivery:
    peer = DicomPeer("pacs", "127.0.0.1", port, "ARCHIVE", timeout_s=5.0)
    return Delivery("d", database, store, {"pacs": DicomSender(peer)}, SETTINGS, **settings)


def row(database) -> DeliveryRow:
    with database.reading() as session:
        return session.scalars(select(DeliveryRow)).one()


def hurry(database) -> None:
    """As if the wait were over."""
    with database.writing() as session:
        session.scalars(select(DeliveryRow)).one().due = now()


def test_every_object_is_sent_once(database, store, result):
    with Archive() as archive:
        delivery = deliver(database, store, archive.port)
        assert delivery.step()
        assert not delivery.step()
    assert sorted(archive.stored.values()) == [1, 1, 1]
    assert row(database).state is DeliveryState.DELIVERED
    with database.reading() as session:
        assert len(session.scalars(select(AcceptedRow)).all()) == 3
        (deed,) = session.scalars(select(AuditRow))
        assert (deed.action, deed.outcome, deed.study_uid) == ("deliver", "success", "1.2")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda number: 0xA700 if number == 2 else 0x0000, "refused with 0xA700"),
        (lambda number: 0xC000 if number == 1 else 0x0000, "refused with 0xC000"),
        (lambda number: 0x0122 if number == 3 else 0x0000, "refused with 0x0122"),
        (lambda number: None if number == 2 else 0x0000, "closed"),
    ],
)
def test_only_what_was_not_accepted_is_sent_again(database, store, result, answer, reason):
    with Archive(answer) as archive:
        delivery = deliver(database, store, archive.port)
        delivery.step()
        found = row(database)
        assert found.state is DeliveryState.WAITING
        assert reason in found.reason
        assert not delivery.step()
        hurry(database)
        archive.answer = lambda number: 0x0000
        assert delivery.step()
    assert (row(database).state, row(database).reason) == (DeliveryState.DELIVERED, "")
    assert sorted(archive.stored.values()) == [1, 1, 1]


def test_a_warning_is_a_yes(database, store, result):
    with Archive(lambda number: 0xB000) as archive:
        deliver(database, store, archive.port).step()
    assert row(database).state is DeliveryState.DELIVERED


# pynetdicom 3.0.4 leaves the socket of a refused connection to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_archive_that_is_away_is_tried_later_and_later(database, store, result):
    with Archive() as archive:
        delivery = deliver(database, store, archive.port)
    waits = []
    for _ in range(3):
        hurry(database)
        delivery.step()
        found = row(database)
        waits.append((found.due - found.queued).total_seconds())
        assert "could not be reached (Connection refused)" in found.reason
    assert waits == [10.0, 20.0, 40.0]
    hurry(database)
    with archive:
        delivery.step()
    assert row(database).state is DeliveryState.DELIVERED


def test_a_clock_that_jumps_back_keeps_no_delivery_waiting(database, store, result, monkeypatch):
    with Archive(lambda number: 0xA700 if number <= 3 else 0x0000) as archive:
        delivery = deliver(database, store, archive.port)
        delivery.step()
        assert not delivery.step()
        monkeypatch.setattr(module, "now", lambda: now() - timedelta(days=2))
        assert delivery.step()
        assert row(database).state is DeliveryState.DELIVERED
    assert sorted(archive.stored.values()) == [1, 1, 1]


@pytest.mark.parametrize(("attempts", "state"), [(7, "waiting"), (8, "waiting"), (9, "failed")])
def test_after_long_it_is_listed_as_failed_with_the_reason(
    database, store, result, attempts, state
):
    """10 + 20 + 40 + … seconds: an hour has gone by before the tenth attempt."""
    with database.writing() as session:
        session.scalars(select(DeliveryRow)).one().attempts = attempts
    with Archive(lambda number: 0xA700) as archive:
        deliver(database, store, archive.port).step()
    assert row(database).state == state
    assert "0xA700" in row(database).reason


def test_a_clock_that_jumps_forward_gives_nothing_up(database, store, result):
    """As after a power cut with an empty battery, when the archive is not up again yet."""
    with database.writing() as session:
        session.scalars(select(DeliveryRow)).one().created = now() - timedelta(days=9000)
    with Archive(lambda number: 0xA700) as archive:
        deliver(database, store, archive.port).step()
    assert row(database).state is DeliveryState.WAITING


def test_a_destination_that_is_no_more_is_told(database, store, result):
    Delivery("d", database, store, {}, SETTINGS).step()
    assert "'pacs'" in row(database).reason


def test_a_file_that_is_gone_is_told(database, store, result):
    (store.result("1.2", 1) / "0.dcm").unlink()
    with Archive() as archive:
        deliver(database, store, archive.port).step()
    assert "of the result is gone: put it back" in row(database).reason


def test_what_a_killed_sender_left_is_sent_by_another(database, store, result):
    time = [0.0]
    with Archive() as archive:
        delivery = deliver(database, store, archive.port, clock=lambda: time[0])
        with database.writing() as session:
            session.scalars(select(DeliveryRow)).one().state = DeliveryState.SENDING
        assert not delivery.step()
        time[0] += 6.0
        assert not delivery.step()
        hurry(database)
        assert delivery.step()
    assert row(database).state is DeliveryState.DELIVERED


def test_a_result_that_was_replaced_while_it_was_sent_stays_replaced(database, store, result):
    def replaced(number: int) -> int:
        with database.writing() as session:
            session.scalars(select(DeliveryRow)).one().state = DeliveryState.SUPERSEDED
        return 0x0000

    with Archive(replaced) as archive:
        deliver(database, store, archive.port).step()
    assert row(database).state is DeliveryState.SUPERSEDED


def test_who_cares_for_one_destination_leaves_the_others_alone(database, store, result):
    """One that keeps its callers waiting must not hold up the rest."""
    which = DeliveryRow.destination == "research"
    with Archive() as archive:
        assert not deliver(database, store, archive.port, which=which).step()
        assert row(database).state is DeliveryState.WAITING
        with database.writing() as session:
            session.scalars(select(DeliveryRow)).one().state = DeliveryState.SENDING
        clock = [0.0]
        lost = deliver(database, store, archive.port, which=which, clock=lambda: clock[0])
        for clock[0] in (0.0, 6.0):
            lost.step()
        assert row(database).state is DeliveryState.SENDING


def test_a_sender_that_ends_lets_go_of_what_it_was_sending(database, store, result):
    """Others would find out after minutes."""
    with database.writing() as session:
        delivery = session.scalars(select(DeliveryRow)).one()
        delivery.state, delivery.sender, delivery.attempts = DeliveryState.SENDING, "another", 1
    ending = deliver(database, store, 1)
    ending.ended()
    assert row(database).state is DeliveryState.SENDING
    with database.writing() as session:
        session.scalars(select(DeliveryRow)).one().sender = ending.name
    ending.ended()
    assert row(database).state is DeliveryState.WAITING


@pytest.mark.parametrize("lost", ["_take", "_accept", "_end"])
def test_an_answer_that_the_database_loses_keeps_no_delivery_waiting_for_long(
    database, store, result, monkeypatch, lost
):
    work = getattr(Delivery, lost)

    def unheard(*arguments, **options):
        if lost == "_take":
            work(*arguments, **options)
        raise AWAY[0]("COMMIT", {}, Exception("away"))

    with Archive() as archive:
        delivery = deliver(database, store, archive.port)
        with monkeypatch.context() as patch:
            patch.setattr(Delivery, lost, unheard)
            with pytest.raises(AWAY):
                delivery.step()
        assert row(database).state is DeliveryState.SENDING
        delivery.step()
        assert "the database went away" in row(database).reason
        hurry(database)
        assert delivery.step()
    assert row(database).state is DeliveryState.DELIVERED
    assert len(archive.stored) == 3


def test_a_host_that_nobody_knows_is_told(database, store, result):
    peer = DicomPeer("pacs", "pacs.invalid", 104, "ARCHIVE", timeout_s=5.0)
    Delivery("d", database, store, {"pacs": DicomSender(peer)}, SETTINGS).step()
    assert row(database).reason.startswith("ARCHIVE at pacs.invalid:104 could not be reached (")
