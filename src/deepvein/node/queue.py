"""The queue of screenings, a table: who takes which job, and what becomes of it.

Nothing here trusts a clock that may jump. A worker shows that it lives by raising its job's `beat`; only
when others have seen the same beat for long, by clocks of their own that go forward alone, the job is taken
from it. What a worker says afterwards is not heard any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select, update

from deepvein.node.database.columns import now
from deepvein.node.database.schema import JobRow, SeriesRow, StudyRow
from deepvein.node.standstill import Standstill
from deepvein.node.states import JobState, Priority, StudyState

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from deepvein.node.database.database import Database


@dataclass(frozen=True)
class QueueSettings:
    """How jobs are tried again.

    attempts: how often a screening is begun before it is given up. first_wait_s, longest_wait_s: before the
    second attempt, doubled with each further one. lease_s: how long a worker may show no sign of life.
    quiet_hours: local hours from and until when off-peak studies are screened.
    """

    attempts: int = 4
    first_wait_s: float = 30.0
    longest_wait_s: float = 3600.0
    lease_s: float = 60.0
    quiet_hours: tuple[int, int] = (20, 6)


@dataclass(frozen=True)
class Job:
    """A job that was taken: what its worker must know and say."""

    id: int
    study_id: int
    study_uid: str
    revision: int
    attempt: int
    worker: str


def enqueue(session: Session, study: StudyRow, priority: Priority) -> JobRow:
    """Put the present revision of a study in line."""
    job = JobRow(study_id=study.id, revision=study.revision, priority=priority.rank)
    session.add(job)
    session.flush()
    return job


def take(
    database: Database, worker: str, settings: QueueSettings, without: Collection[str] = ()
) -> Job | None:
    """The next job, now this worker's; None if there is none that is due.

    without: modalities that it cannot screen; studies with such series wait for another worker, or for better
    days.
    """
    moment = now()
    may = JobRow.priority < Priority.OFF_PEAK.rank
    if is_quiet(moment.astimezone(), settings.quiet_hours):
        may = JobRow.priority <= Priority.OFF_PEAK.rank
    if without:
        barred = select(SeriesRow.study_id).where(SeriesRow.modality.in_(without))
        may = and_(may, JobRow.study_id.not_in(barred))
    with database.writing() as session:
        job = session.scalar(
            select(JobRow)
            .where(
                JobRow.state == JobState.WAITING,
                may,
                or_(JobRow.due <= moment, JobRow.queued > moment),
            )
            .order_by(JobRow.priority, JobRow.due, JobRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if job is None:
            return None
        job.state, job.worker, job.started = JobState.RUNNING, worker, moment
        job.attempts += 1
        job.beat += 1
        return _as_job(session, job)


def held(database: Database, worker: str) -> Job | None:
    """The job that is this worker's already, as where the answer of the database was lost on its way."""
    with database.writing() as session:
        job = session.scalar(
            select(JobRow)
            .where(JobRow.state == JobState.RUNNING, JobRow.worker == worker)
            .order_by(JobRow.id)
            .limit(1)
            .with_for_update()
        )
        if job is None:
            return None
        job.beat += 1
        return _as_job(session, job)


def _as_job(session: Session, row: JobRow) -> Job:
    uid = session.scalar(select(StudyRow.uid).where(StudyRow.id == row.study_id)) or ""
    return Job(row.id, row.study_id, uid, row.revision, row.attempts, row.worker)


def beat(database: Database, job: Job) -> bool:
    """Show that the worker lives; False if the job is not its any more."""
    with database.writing() as session:
        done = session.execute(update(JobRow).where(*_is_own(job)).values(beat=JobRow.beat + 1))
        return bool(getattr(done, "rowcount", 0))


def own(session: Session, job: Job) -> JobRow | None:
    """The row of a job, locked; None if it is not this worker's any more."""
    return session.scalar(select(JobRow).where(*_is_own(job)).with_for_update())


def fail(
    database: Database, job: Job, reason: str, settings: QueueSettings, *, again: bool
) -> JobState | None:
    """A job has failed; it is tried `again` after a while, as long as it has attempts left.

    What became of it; None if it is not this worker's any more.
    """
    with database.writing() as session:
        row = own(session, job)
        return None if row is None else _failed(session, row, reason, settings, again=again)


class Reaper:
    """Takes jobs from workers that show no sign of life; `lost` are the names of those workers."""

    def __init__(
        self,
        database: Database,
        settings: QueueSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.database, self.settings = database, settings
        self._standstill = Standstill[int, int](clock)
        self.lost: set[str] = set()

    def step(self) -> bool:
        """Look once; whether a job was taken from its worker."""
        with self.database.reading() as session:
            seen = session.execute(
                select(JobRow.id, JobRow.beat).where(JobRow.state == JobState.RUNNING)
            ).all()
        still = self._standstill.seconds({row[0]: row[1] for row in seen})
        lost = [one for one in seen if still[one[0]] >= self.settings.lease_s]
        for number, there in lost:
            self._release(JobRow.id == number, JobRow.beat == there)
        return bool(lost)

    def ended(self, worker: str) -> None:
        """A worker is known to have ended: its jobs need not wait."""
        self._release(JobRow.worker == worker)

    def _release(self, *which: ColumnElement[bool]) -> None:
        with self.database.writing() as session:
            rows = session.scalars(
                select(JobRow).where(JobRow.state == JobState.RUNNING, *which).with_for_update()
            ).all()
            for row in rows:
                self.lost.add(row.worker)
                reason = "the worker was ended while it screened (killed, out of memory or without power)"
                _failed(session, row, reason, self.settings, again=True)


def _failed(
    session: Session, row: JobRow, reason: str, settings: QueueSettings, *, again: bool
) -> JobState:
    moment = now()
    row.reason, row.worker = reason, ""
    row.beat += 1
    study = session.get_one(StudyRow, row.study_id)
    if study.revision != row.revision:
        row.state, row.finished = JobState.SUPERSEDED, moment
    elif again and row.attempts < settings.attempts:
        wait = min(settings.first_wait_s * 2 ** (row.attempts - 1), settings.longest_wait_s)
        row.state, row.queued, row.due = JobState.WAITING, moment, moment + timedelta(seconds=wait)
    else:
        row.state, row.finished = JobState.DEAD, moment
        if study.state is StudyState.QUEUED:
            study.state, study.reason = StudyState.FAILED, reason
    return row.state


def is_quiet(moment: datetime, hours: tuple[int, int]) -> bool:
    """Whether a local time lies in the quiet hours, which may go over midnight; equal ones mean always."""
    begin, end = hours
    if begin < end:
        return begin <= moment.hour < end
    return moment.hour >= begin or moment.hour < end


def _is_own(job: Job) -> tuple[ColumnElement[bool], ...]:
    return (
        JobRow.id == job.id,
        JobRow.state == JobState.RUNNING,
        JobRow.worker == job.worker,
        JobRow.attempts == job.attempt,
    )
