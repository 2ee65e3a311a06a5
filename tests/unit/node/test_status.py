from __future__ import annotations

from datetime import timedelta

from deepvein.node.database.columns import now
from deepvein.node.database.schema import DeliveryRow, JobRow, QuarantinedRow, ResultRow, StudyRow
from deepvein.node.states import StudyState
from deepvein.node.status import Trouble, status


def test_an_empty_node_waits_for_nothing(database):
    found = status(database)
    assert sum(found.studies.values()) == 0
    assert (found.oldest_waiting_s, found.troubles, found.broken_audit_row) == (0.0, (), None)


def test_what_waits_and_what_failed_is_told(database):
    with database.writing() as session:
        session.add(StudyRow(id=1, uid="1", state=StudyState.QUEUED))
        session.add(StudyRow(id=2, uid="2", state=StudyState.FAILED, reason="slices are missing"))
        session.flush()
        hour_ago = now() - timedelta(hours=1)
        session.add(JobRow(study_id=1, revision=1, priority=1, created=hour_ago))
    found = status(database)
    assert (found.studies["queued"], found.studies["failed"], found.jobs["waiting"]) == (1, 1, 1)
    assert 3500 < found.oldest_waiting_s < 3900
    assert found.troubles == (Trouble(2, "slices are missing"),)


def test_it_is_told_why_a_result_has_not_arrived_yet(database):
    with database.writing() as session:
        session.add(StudyRow(id=4, uid="4", state=StudyState.SCREENED))
        session.flush()
        session.add(ResultRow(id=1, study_id=4, revision=1, verdict="dvt", findings=1, folder="f"))
        session.flush()
        for name, reason in (("pacs", "nobody is there"), ("new", "")):
            session.add(DeliveryRow(result_id=1, destination=name, reason=reason))
    assert status(database).troubles == (Trouble(4, "nobody is there", "pacs", tried_again=True),)


def test_it_is_told_why_a_screening_is_tried_again(database):
    with database.writing() as session:
        session.add(StudyRow(id=4, uid="4", state=StudyState.QUEUED))
        session.flush()
        session.add(JobRow(study_id=4, revision=1, priority=1, reason="too little memory"))
        session.add(JobRow(study_id=4, revision=2, priority=1))
    assert status(database).troubles == (Trouble(4, "too little memory", tried_again=True),)


def test_what_the_disk_keeps_out_is_told_apart_from_what_cannot_be_used(database):
    with database.writing() as session:
        session.add(QuarantinedRow(path="quarantine/a.dcm", reason="it is odd"))
        for name in ("a", "b"):
            session.add(QuarantinedRow(path=f"arriving/r/{name}.dcm", reason="unreadable"))
    found = status(database)
    assert (found.quarantined, found.stuck) == (1, {"unreadable": 2})
    assert found.quarantine == {"it is odd": 1}
