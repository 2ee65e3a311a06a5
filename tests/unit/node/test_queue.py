from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from deepvein.node import queue
from deepvein.node.database.columns import now
from deepvein.node.database.schema import JobRow, SeriesRow, StudyRow
from deepvein.node.queue import (
    QueueSettings,
    Reaper,
    beat,
    enqueue,
    fail,
    is_quiet,
    own,
    take,
)
from deepvein.node.states import JobState, Priority, StudyState

ALWAYS = QueueSettings(attempts=3, lease_s=10.0, quiet_hours=(0, 0))


def add(database, *priorities: Priority) -> None:
    with database.writing() as session:
        for number, priority in enumerate(priorities):
            study = StudyRow(uid=f"1.{number}", state=StudyState.QUEUED)
            session.add(study)
            session.flush()
            enqueue(session, study, priority)


def row(database, number: int = 1) -> JobRow:
    with database.reading() as session:
        return session.get(JobRow, number)


def test_the_urgent_come_first_then_those_who_wait_longest(database):
    add(database, Priority.OFF_PEAK, Priority.ROUTINE, Priority.STAT, Priority.ROUTINE)
    taken = [take(database, "w", ALWAYS) for _ in range(5)]
    assert [job and job.study_uid for job in taken] == ["1.2", "1.1", "1.3", "1.0", None]


@pytest.mark.parametrize(
    ("hour", "hours", "quiet"),
    [(23, (20, 6), True), (5, (20, 6), True), (6, (20, 6), False), (12, (20, 6), False),
     (12, (9, 17), True), (17, (9, 17), False), (3, (0, 0), True)],
)  # fmt: skip
def test_quiet_hours_may_go_over_midnight(hour, hours, quiet):
    assert is_quiet(datetime(2024, 1, 2, hour, 30), hours) is quiet


def test_off_peak_studies_wait_for_the_quiet_hours(database):
    add(database, Priority.OFF_PEAK)
    hour = now().astimezone().hour
    busy = QueueSettings(quiet_hours=((hour + 2) % 24, (hour + 3) % 24))
    assert take(database, "w", busy) is None
    assert take(database, "w", ALWAYS) is not None


def test_many_workers_take_each_job_once(database):
    add(database, *[Priority.ROUTINE] * 40)
    taken: list[int] = []

    def work(name: str) -> None:
        while (job := take(database, name, ALWAYS)) is not None:
            taken.append(job.id)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(taken) == list(range(1, 41))


def test_a_failed_job_is_tried_again_later_and_later_then_given_up(database):
    add(database, Priority.ROUTINE)
    waits = []
    for _ in range(3):
        with database.writing() as session:
            session.get(JobRow, 1).due = now()
        job = take(database, "w", ALWAYS)
        fail(database, job, "it broke", ALWAYS, again=True)
        found = row(database)
        waits.append((found.due - found.queued).total_seconds())
        assert take(database, "w", ALWAYS) is None
    assert waits[:2] == [30.0, 60.0]
    assert (found.state, found.reason, found.attempts) == (JobState.DEAD, "it broke", 3)
    with database.reading() as session:
        study = session.scalars(select(StudyRow)).one()
        assert (study.state, study.reason) == (StudyState.FAILED, "it broke")


def test_what_cannot_succeed_is_given_up_at_once(database):
    add(database, Priority.ROUTINE)
    job = take(database, "w", ALWAYS)
    assert fail(database, job, "no images", ALWAYS, again=False) is JobState.DEAD


def test_a_clock_that_jumps_back_keeps_no_job_waiting(database, monkeypatch):
    add(database, Priority.ROUTINE)
    fail(database, take(database, "w", ALWAYS), "it broke", ALWAYS, again=True)
    assert take(database, "w", ALWAYS) is None
    monkeypatch.setattr(queue, "now", lambda: now() - timedelta(days=2))
    assert take(database, "w", ALWAYS) is not None


def test_a_worker_that_shows_no_sign_of_life_loses_its_job(database):
    add(database, Priority.ROUTINE)
    time = [0.0]
    reaper = Reaper(database, ALWAYS, lambda: time[0])
    job = take(database, "w", ALWAYS)
    for _ in range(5):
        assert not reaper.step()
        time[0] += 8
        assert beat(database, job)
    assert not reaper.step()
    time[0] += 10
    assert reaper.step()
    assert row(database).state is JobState.WAITING
    assert not beat(database, job)
    with database.writing() as session:
        assert own(session, job) is None
    assert fail(database, job, "late", ALWAYS, again=True) is None


def test_a_job_that_was_taken_again_is_not_the_first_worker_s(database):
    add(database, Priority.ROUTINE)
    first = take(database, "w", ALWAYS)
    Reaper(database, ALWAYS).ended("w")
    with database.writing() as session:
        session.get(JobRow, 1).due = now()
    second = take(database, "w", ALWAYS)
    with database.writing() as session:
        assert own(session, first) is None
        assert own(session, second) is not None


def test_a_job_that_kills_its_worker_every_time_ends_as_dead(database):
    add(database, Priority.ROUTINE)
    reaper = Reaper(database, ALWAYS)
    for _ in range(3):
        with database.writing() as session:
            session.get(JobRow, 1).due = now()
        assert take(database, "w", ALWAYS)
        reaper.ended("w")
    assert row(database).state is JobState.DEAD
    assert "killed" in row(database).reason


def test_a_failure_of_an_older_revision_says_nothing_about_the_study(database):
    add(database, Priority.ROUTINE)
    job = take(database, "w", ALWAYS)
    with database.writing() as session:
        study = session.scalars(select(StudyRow)).one()
        study.revision, study.state = 2, StudyState.RECEIVING
    assert fail(database, job, "half of it", ALWAYS, again=True) is JobState.SUPERSEDED
    with database.reading() as session:
        assert session.scalars(select(StudyRow)).one().state is StudyState.RECEIVING


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2026-03-29T00:59", True),  # 01:59, the last minute of winter
        ("2026-03-29T01:00", False),  # 03:00, the first of summer: the hour from 2 to 3 is none
        ("2026-10-25T00:30", True),  # 02:30 in summer
        ("2026-10-25T01:30", True),  # 02:30 once more, in winter
        ("2026-10-25T02:00", False),
    ],
)
def test_quiet_hours_are_local_in_summer_and_winter(monkeypatch, moment, quiet):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        local = datetime.fromisoformat(f"{moment}+00:00").astimezone()
        assert is_quiet(local, (20, 3)) is quiet
    finally:
        monkeypatch.undo()
        time.tzset()


def test_studies_of_a_modality_that_a_worker_cannot_screen_wait(database):
    add(database, Priority.ROUTINE, Priority.ROUTINE)
    with database.writing() as session:
        for study, modality in ((1, "MR"), (2, "CT")):
            session.add(SeriesRow(study_id=study, uid=f"1.{study}.1", modality=modality))
    job = take(database, "w", ALWAYS, without=["MR"])
    assert (job.study_id, take(database, "w", ALWAYS, without=["MR"])) == (2, None)
    assert take(database, "w", ALWAYS, without=["CT"]).study_id == 1
