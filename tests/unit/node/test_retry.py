from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from deepvein.core.errors import UsageError
from deepvein.node.database.columns import now
from deepvein.node.database.schema import AuditRow, DeliveryRow, JobRow, ResultRow, StudyRow
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


def test_all_that_failed_begins_again_with_all_its_attempts(failed):
    assert len(status(failed).troubles) == 4
    assert retry(failed) == Retried(studies=2, deliveries=1)
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
    assert retry(failed) == Retried(0, 0)


def test_studies_are_named_by_number_or_uid(failed):
    assert retry(failed, ["1.2.2", "2"]) == Retried(1, 0)
    assert retry(failed, ["3"]) == Retried(0, 1)
    assert [one for one in status(failed).troubles if not one.destination] == [
        Trouble(1, "the machine has too little memory for this study")
    ]
    for unknown in ("4", "9" * 30):
        with pytest.raises(UsageError, match=f"no study '{unknown}'"):
            retry(failed, ["1", unknown])
    assert len(status(failed).troubles) == 2
