from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from deepvein.core.errors import UsageError
from deepvein.node.database.columns import now
from deepvein.node.database.schema import (
    AuditRow,
    DeliveryRow,
    JobRow,
    ObjectRow,
    ResultRow,
    StudyRow,
)
from deepvein.node.queue import QueueSettings, fail, take
from deepvein.node.retry import Retried, retry
from deepvein.node.states import DeliveryState, JobState, StudyState
from deepvein.node.status import Trouble, status

ONCE = QueueSettings(attempts=1, quiet_hours=(0, 0))


@pytest.fixture
def failed(database):
    """Studies 1 and 2 failed; two deliveries of study 3 did, one of them of an older result."""
    with database.writing() as session:
        for number in (1, 2, 3):
            done = number == 3
            state = StudyState.SCREENED if done else StudyState.QUEUED
            session.add(StudyRow(id=number, uid=f"1.2.{number}", state=state, revision=1 + done))
            session.flush()
            session.add(
                JobRow(
                    study_id=number,
                    revision=1 + done,
                    priority=1,
                    state=JobState.DONE if done else JobState.WAITING,
                )
            )
        for superseded in (True, False):
            result = ResultRow(
                study_id=3, revision=2 - superseded, verdict="dvt", findings=1, folder="f",
                superseded=superseded,
            )  # fmt: skip
            session.add(result)
            session.flush()
            session.add(
                DeliveryRow(
                    result_id=result.id, destination="pacs", state=DeliveryState.FAILED,
                    reason="nobody is there", attempts=7, created=now() - timedelta(days=4),
                )
            )  # fmt: skip
    for _ in range(2):
        job = take(database, "w", ONCE)
        fail(database, job, "the machine has too little memory for this study", ONCE, again=True)
    return database


def test_all_that_failed_begins_again_with_all_its_attempts(failed, store):
    assert len(status(failed).troubles) == 4
    assert retry(failed, store) == Retried(studies=2, deliveries=1)
    job = take(failed, "w", ONCE)
    assert (job.study_id, job.attempt) == (1, 1)
    with failed.reading() as session:
        assert {one.state for one in session.scalars(select(StudyRow).where(StudyRow.id < 3))} == {
            StudyState.QUEUED
        }
        old, new = session.scalars(select(DeliveryRow).order_by(DeliveryRow.id))
        # The older result is no result any more.
        assert (old.state, new.state) == (DeliveryState.FAILED, DeliveryState.WAITING)
        assert now() - new.created < timedelta(hours=1)
        deeds = session.scalars(select(AuditRow).where(AuditRow.action == "retry")).all()
        assert [one.study_uid for one in deeds] == ["1.2.1", "1.2.2", "1.2.3"]
    assert retry(failed, store) == Retried(0, 0)


def test_studies_are_named_by_number_or_uid(failed, store):
    assert retry(failed, store, ["1.2.2", "2"]) == Retried(1, 0)
    assert retry(failed, store, ["3"]) == Retried(0, 1)
    assert [one for one in status(failed).troubles if not one.destination] == [
        Trouble(1, "the machine has too little memory for this study")
    ]
    for unknown in ("4", "9" * 30):
        with pytest.raises(UsageError, match=f"no study '{unknown}'"):
            retry(failed, store, ["1", unknown])
    assert len(status(failed).troubles) == 2


def enter_undelivered(database, store, signed: bool) -> None:
    """A study whose result has two objects in the folder, and could not be delivered."""
    with database.writing() as session:
        session.add(StudyRow(id=1, uid="1.2.1", state=StudyState.SCREENED, revision=1))
        session.flush()
        session.add(JobRow(id=1, study_id=1, revision=1, priority=0, state=JobState.DONE))
        session.flush()
        for job in (1, None)[: 1 + signed]:
            result = ResultRow(
                study_id=1, job_id=job, revision=1, verdict="dvt", findings=1,
                folder=f"results/1.2.1/{job}",
            )  # fmt: skip
            result.objects = [
                ObjectRow(uid=f"1.3.{one}", sop_class="1.4", name=f"{one}.dcm") for one in "ab"
            ]
            session.add(result)
            session.flush()
            failed = DeliveryState.FAILED
            session.add(DeliveryRow(result_id=result.id, destination="pacs", state=failed))
            store.absolute(result.folder).mkdir(parents=True)
            for one in result.objects:
                (store.absolute(result.folder) / one.name).touch()


def test_a_result_that_is_gone_is_made_again_and_delivered(database, store):
    enter_undelivered(database, store, signed=False)
    (store.folder / "results/1.2.1/1/b.dcm").unlink()
    assert retry(database, store) == Retried(studies=1, deliveries=0)
    job = take(database, "w", ONCE)
    assert (job.study_id, job.revision) == (1, 2)
    with database.reading() as session:
        assert session.get_one(JobRow, job.id).priority == 0
    assert retry(database, store) == Retried(0, 0)


def test_a_result_that_is_there_is_delivered_again(database, store):
    enter_undelivered(database, store, signed=False)
    assert retry(database, store) == Retried(studies=0, deliveries=1)


def test_what_a_reader_has_signed_gives_way_to_nothing(database, store):
    enter_undelivered(database, store, signed=True)
    (store.folder / "results/1.2.1/1/b.dcm").unlink()
    assert retry(database, store) == Retried(studies=0, deliveries=2)
