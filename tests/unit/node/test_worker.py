from __future__ import annotations

import errno
import logging
import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from deepvein.core import files
from deepvein.core.errors import (
    GeometryError,
    InputError,
    ModelError,
    NothingToScreenError,
    OutputError,
    StudyError,
    UsageError,
)
from deepvein.node import worker as module
from deepvein.node.database.columns import now
from deepvein.node.database.database import AWAY
from deepvein.node.database.schema import (
    AuditRow,
    DeliveryRow,
    JobRow,
    ObjectRow,
    ResultRow,
    StudyRow,
)
from deepvein.node.intake import Arrived, enter
from deepvein.node.outcome import OUTCOME
from deepvein.node.queue import QueueSettings, Reaper, enqueue, take
from deepvein.node.retry import retry
from deepvein.node.states import DeliveryState, JobState, Priority, StudyState
from deepvein.node.worker import Worker
from unit.node.instances import fast_screen, image, save

SETTINGS = QueueSettings(attempts=2, quiet_hours=(0, 0))


@pytest.fixture
def worker(database, store):
    return Worker("w", database, store, fast_screen, SETTINGS, ("pacs", "research"))


def receive(database, store, *images) -> None:
    """Images come in, and their study is in line."""
    paths = [
        save(one, store.arriving("receiver") / f"{number}.dcm") for number, one in enumerate(images)
    ]
    enter(database, store, "receiver", [Arrived(path) for path in paths])
    with database.writing() as session:
        study = session.scalars(select(StudyRow)).one()
        study.state = StudyState.QUEUED
        enqueue(session, study, Priority.ROUTINE)


def rows(database, table):
    with database.reading() as session:
        return session.scalars(select(table).order_by(table.id)).all()


def calls(store) -> list[str]:
    log = store.folder / "calls.log"
    return log.read_text().splitlines() if log.exists() else []


def test_a_study_is_screened_and_its_result_goes_to_every_destination(database, store, worker):
    receive(database, store, image(1, 1), image(1, 2))
    assert worker.step()
    assert not worker.step()
    (result,), (study,), (job,) = (rows(database, one) for one in (ResultRow, StudyRow, JobRow))
    assert (result.verdict, result.probability, result.places) == ("dvt", 0.75, "left femoral vein")
    assert (study.state, study.urgency, job.state) == (StudyState.SCREENED, 0.75, JobState.DONE)
    assert [(one.destination, one.state) for one in rows(database, DeliveryRow)] == [
        ("pacs", DeliveryState.WAITING),
        ("research", DeliveryState.WAITING),
    ]
    for one in rows(database, ObjectRow):
        assert (store.absolute(result.folder) / one.name).is_file()
    assert rows(database, AuditRow)[-1].action == "screen"


@pytest.mark.parametrize(
    "error", [StudyError("slices are missing"), NothingToScreenError("a head")]
)
def test_a_study_that_cannot_be_screened_is_listed_with_the_reason(database, store, worker, error):
    def refuse(*_):
        raise error

    receive(database, store, image(1, 1))
    replace(worker, screen=refuse).step()
    (study,) = rows(database, StudyRow)
    assert (study.state, study.reason) == (StudyState.FAILED, str(error))
    assert rows(database, ResultRow) == []


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("odd"), OSError(errno.ENOSPC, "full")]
)
def test_what_may_work_the_next_time_is_tried_again(database, store, worker, error):
    def refuse(*_):
        raise error

    receive(database, store, image(1, 1))
    replace(worker, screen=refuse).step()
    assert rows(database, JobRow)[0].state is JobState.WAITING
    with database.writing() as session:
        session.scalars(select(JobRow)).one().due = now()
    worker.step()
    assert rows(database, StudyRow)[0].state is StudyState.SCREENED
    assert len(rows(database, ResultRow)) == 1


@pytest.mark.parametrize(
    ("error", "ends"),
    [
        (ModelError("weights are damaged"), True),
        (UsageError("there is no cuda"), True),
        (InputError("service.json cannot be read"), True),
        (OSError(errno.ENOSPC, "full"), False),
        (OutputError("no room"), False),
        (GeometryError("slices are missing"), False),
    ],
)
def test_after_a_failure_that_no_study_is_to_blame_for_a_fresh_process_tries_whether_it_can_screen(
    database, store, worker, error, ends
):
    def refuse(*_):
        raise error

    ended = []
    receive(database, store, image(1, 1))
    replace(worker, screen=refuse, end=lambda: ended.append(1)).step()
    assert ended == [1] * ends
    again = not isinstance(error, GeometryError)
    assert rows(database, JobRow)[0].state is (JobState.WAITING if again else JobState.DEAD)


def test_a_study_of_which_images_were_removed_is_not_screened_by_halves(database, store, worker):
    """What is left may look like a whole study."""
    ended = []
    receive(database, store, image(1, 1), image(1, 2))
    study = rows(database, StudyRow)[0]
    path = sorted(store.study(study.uid).rglob("*.dcm"))[-1]
    away = path.rename(store.folder / "away.dcm")
    replace(worker, end=lambda: ended.append(1)).step()
    job = rows(database, JobRow)[0]
    assert (calls(store), ended, job.state) == ([], [], JobState.WAITING)
    assert "1 of the study's 2 images are not in the node's folder any more" in job.reason

    def again() -> None:
        with database.writing() as session:
            session.scalars(select(JobRow)).one().due = now()
        worker.step()

    again()
    study = rows(database, StudyRow)[0]
    assert study.state is StudyState.FAILED
    assert "send the study again" in study.reason
    away.rename(path)
    retry(database, store)
    again()
    assert rows(database, StudyRow)[0].state is StudyState.SCREENED


def test_studies_wait_while_the_disk_of_the_node_is_away(database, store, worker):
    away = [True]
    receive(database, store, image(1, 1))
    worker = replace(worker, away=lambda: away[0])
    assert not worker.step()
    assert rows(database, JobRow)[0].attempts == 0
    away[0] = False
    assert worker.step()


def test_a_disk_that_is_full_while_results_are_written_leaves_nothing_behind(
    database, store, worker, monkeypatch
):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    receive(database, store, image(1, 1))
    with monkeypatch.context() as patch:
        patch.setattr(files, "sync", full)
        worker.step()
    assert "no room" in rows(database, JobRow)[0].reason
    assert not store.result(rows(database, StudyRow)[0].uid, 1).exists()
    with database.writing() as session:
        session.scalars(select(JobRow)).one().due = now()
    worker.step()
    assert rows(database, StudyRow)[0].state is StudyState.SCREENED


def test_a_corrupt_instance_in_a_good_study_is_told(database, store, worker):
    receive(database, store, image(1, 1), image(1, 2, PixelData=b"\0\0"))
    worker.step()
    (study,) = rows(database, StudyRow)
    assert study.state is StudyState.FAILED
    assert "damaged" in study.reason


def test_killed_after_the_result_was_written_nothing_is_screened_twice(
    database, store, worker, monkeypatch
):
    receive(database, store, image(1, 1))
    with monkeypatch.context() as patch:
        patch.setattr(Worker, "_keep", lambda *_: None)
        worker.step()
    assert (store.result(rows(database, StudyRow)[0].uid, 1) / OUTCOME).is_file()
    Reaper(database, SETTINGS).ended("w")
    with database.writing() as session:
        session.scalars(select(JobRow)).one().due = now()
    worker.step()
    assert len(calls(store)) == 1
    assert len(rows(database, ResultRow)) == 1


def test_a_worker_whose_job_was_taken_says_nothing_any_more(database, store, worker):
    receive(database, store, image(1, 1))

    def slow(study, out, device):
        Reaper(database, SETTINGS).ended("w")
        with database.writing() as session:
            session.scalars(select(JobRow)).one().due = now()
        other = take(database, "other", SETTINGS)
        assert other is not None
        return fast_screen(study, out, device)

    replace(worker, screen=slow).step()
    (job,) = rows(database, JobRow)
    assert (job.state, job.worker) == (JobState.RUNNING, "other")
    assert rows(database, ResultRow) == []


def test_a_late_image_while_it_screens_makes_another_result_the_one_that_counts(
    database, store, worker
):
    receive(database, store, image(1, 1))

    def late(study, out, device):
        path = save(image(1, 2), store.arriving("receiver") / "late.dcm")
        outcome = fast_screen(study, out, device)
        enter(database, store, "receiver", [Arrived(path)])
        return outcome

    replace(worker, screen=late).step()
    assert rows(database, JobRow)[0].state is JobState.SUPERSEDED
    assert rows(database, ResultRow) == []
    uid = rows(database, StudyRow)[0].uid
    assert not store.result(uid, 1).exists()
    with database.writing() as session:
        study = session.scalars(select(StudyRow)).one()
        study.state = StudyState.QUEUED
        enqueue(session, study, Priority.ROUTINE)
    worker.step()
    assert [one.split()[1] for one in calls(store)] == ["1", "2"]
    assert [one.revision for one in rows(database, ResultRow)] == [2]


def test_a_new_result_takes_the_place_of_the_old_one(database, store, worker):
    receive(database, store, image(1, 1))
    worker.step()
    receive(database, store, image(1, 2))
    worker.step()
    assert [one.superseded for one in rows(database, ResultRow)] == [True, False]
    assert [one.state for one in rows(database, DeliveryRow)] == [
        *[DeliveryState.SUPERSEDED] * 2,
        *[DeliveryState.WAITING] * 2,
    ]


def test_logs_name_no_patient(database, store, worker, caplog):
    def refuse(*_):
        raise StudyError("Doe^Jane1 has moved")

    receive(database, store, image(1, 1))
    with caplog.at_level(logging.DEBUG, "deepvein"):
        replace(worker, screen=refuse).step()
    assert "screening failed" in caplog.text
    assert "Doe" not in caplog.text


def test_a_screening_that_never_ends_is_given_up_and_its_process_ended(database, store):
    receive(database, store, image(1, 1))
    ended = threading.Event()

    def hang(*_: object) -> None:
        ended.wait(120.0)
        raise RuntimeError("ended")

    quick = QueueSettings(attempts=1, quiet_hours=(0, 0), lease_s=0.04)
    worker = Worker("w", database, store, hang, quick, limit_s=0.05, end=ended.set)
    assert worker.step()
    assert ended.is_set()
    (study,) = rows(database, StudyRow)
    assert study.state is StudyState.FAILED
    assert "took longer than 0.05 s" in study.reason


def test_a_worker_whose_job_was_taken_is_ended_though_it_hangs(database, store):
    receive(database, store, image(1, 1))
    ended = threading.Event()
    reaper = Reaper(database, SETTINGS)

    def hang(*_: object) -> None:
        reaper.ended("w")
        ended.wait(120.0)
        raise RuntimeError("ended")

    quick = QueueSettings(quiet_hours=(0, 0), lease_s=0.04)
    assert Worker("w", database, store, hang, quick, end=ended.set).step()
    assert ended.is_set()
    assert reaper.lost == {"w"}


@pytest.mark.parametrize("lost", ["take", "_keep"])
def test_an_answer_that_is_lost_costs_no_attempt_and_no_worker(
    database, store, worker, monkeypatch, lost
):
    """The database did what it was asked and went away before it said so, or was away when a result came."""
    receive(database, store, image(1, 1))
    gone, where = AWAY[0]("COMMIT", {}, Exception("away")), Worker if lost == "_keep" else module
    work = getattr(where, lost)

    def unheard(*arguments):
        if lost == "take":
            work(*arguments)
        raise gone

    with monkeypatch.context() as patch:
        patch.setattr(where, lost, unheard)
        with pytest.raises(AWAY):
            worker.step()
    (job,) = rows(database, JobRow)
    assert (job.state, job.worker) == (JobState.RUNNING, "w")
    assert worker.step()
    (job,) = rows(database, JobRow)
    assert (job.state, job.attempts, len(calls(store))) == (JobState.DONE, 1, 1)
    assert not worker.step()
