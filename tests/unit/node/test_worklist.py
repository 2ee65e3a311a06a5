from __future__ import annotations

import pytest

from deepvein.node.database.schema import JobRow, ResultRow, ReviewRow, StudyRow
from deepvein.node.states import JobState, ReviewState, StudyState
from deepvein.node.worklist import ORDERS, STATUSES, Wanted, counted, entries


@pytest.fixture
def session(database):
    """One study of each status, and a second one that was screened, which is more urgent."""
    rows = {
        "receiving": (StudyState.RECEIVING, None, None),
        "queued": (StudyState.QUEUED, JobState.WAITING, None),
        "running": (StudyState.QUEUED, JobState.RUNNING, None),
        "screened": (StudyState.SCREENED, JobState.DONE, ReviewState.DRAFT),
        "screened too": (StudyState.SCREENED, JobState.DONE, None),
        "reviewed": (StudyState.SCREENED, JobState.DONE, ReviewState.SIGNED),
        "failed": (StudyState.FAILED, JobState.DEAD, None),
        "left_out": (StudyState.LEFT_OUT, None, None),
    }
    with database.writing() as opened:
        for number, (name, (state, job, review)) in enumerate(rows.items(), 1):
            done = state is StudyState.SCREENED
            opened.add(
                StudyRow(
                    id=number, uid=name, state=state, urgency=number / 10 if done else -1.0,
                    patient_name=f"Doe^{name}", study_date=f"2026010{9 - number}",
                )
            )  # fmt: skip
            opened.flush()
            if job is not None:
                opened.add(JobRow(id=number, study_id=number, revision=1, priority=1, state=job))
                opened.flush()
            # Another result of the same study, which counts no more.
            for superseded in (True, False) if done else ():
                opened.add(
                    ResultRow(
                        id=2 * number + (not superseded), study_id=number, revision=1,
                        job_id=number if superseded else None, verdict="suspected",
                        probability=number / 10, findings=1, folder=f"{number}",
                        places="left popliteal" if number == 5 else "", superseded=superseded,
                    )
                )  # fmt: skip
                opened.flush()
            if review is not None:
                opened.add(
                    ReviewRow(
                        result_id=2 * number, uid=f"2.25.{number}", state=review, changed_by="anna"
                    )
                )  # fmt: skip
    with database.reading() as opened:
        yield opened


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_lists_the_studies_that_have_it(session, status):
    found = entries(session, Wanted(status))
    expected = {"screened": ["screened too", "screened"]}.get(status, [status])
    assert [one.study_uid for one in found] == expected
    assert {one.status for one in found} == {status}
    assert counted(session, Wanted(status)) == len(expected)


def test_what_was_signed_comes_after_all_that_waits(session):
    order = [one.study_uid for one in entries(session, Wanted())]
    assert order[:2] == ["screened too", "screened"]
    assert order[-1] == "reviewed"
    assert counted(session, Wanted()) == len(order) == 8


@pytest.mark.parametrize("order", ORDERS)
def test_pages_follow_one_another(session, order):
    whole = entries(session, Wanted(order=order))
    pages = [entries(session, Wanted(order=order, offset=at, limit=3)) for at in (0, 3, 6)]
    assert [one for page in pages for one in page] == whole
    back = entries(session, Wanted(order=order, ascending=True))
    assert back == whole[::-1]


@pytest.mark.parametrize(
    ("search", "status", "expected"),
    [
        ("doe", None, 8), ("DOE failed", None, 1), ("popliteal", None, 1), ("popliteal", "queued", 0),
        ("doe left", "screened", 1), ("%", None, 0), ("left_out", None, 1), ("leftxout", None, 0),
    ],
)  # fmt: skip
def test_all_words_are_found_somewhere(session, search, status, expected):
    wanted = Wanted(status, search=search)
    assert counted(session, wanted) == expected
    assert len(entries(session, wanted)) == expected
