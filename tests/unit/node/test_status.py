from __future__ import annotations

from datetime import timedelta

from deepvein.node.database.columns import now
from deepvein.node.database.schema import JobRow, StudyRow
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
