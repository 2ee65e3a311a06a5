"""Beginning again with what was given up, when its reason is gone: studies and deliveries that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from deepvein.node.audit import Deed, record
from deepvein.node.database.columns import now
from deepvein.node.database.schema import DeliveryRow, JobRow, ResultRow, StudyRow
from deepvein.node.states import DeliveryState, JobState, Priority, StudyState
from deepvein.node.worklist import study_named

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from deepvein.node.database.database import Database
    from deepvein.node.store import Store


@dataclass(frozen=True)
class Retried:
    """How many studies wait to be screened again, and how many results to be delivered."""

    studies: int
    deliveries: int


def retry(database: Database, store: Store, studies: Sequence[str] = ()) -> Retried:
    """Put failed studies and deliveries back in line, with as many attempts as new ones have.

    A study whose result is gone from the folder is screened again, and what comes of it is delivered, under the
    same UIDs. studies: numbers or Study Instance UIDs, () for all. What is newer than a failed result is not
    touched. UsageError for a study that is not there.
    """
    with database.writing() as session:
        rows = [study_named(session, name) for name in dict.fromkeys(studies)]
        numbers = {row.id for row in rows} if studies else None
        remade = _make_again(session, store, numbers)
        screened = [*_screen_again(session, numbers), *remade]
        delivered = _deliver_again(session, numbers)
        for study in sorted({*screened, *delivered}):
            uid = session.get_one(StudyRow, study).uid
            record(session, Deed("retry", study_uid=uid, detail="after it had failed"))
    return Retried(len(screened), len(delivered))


def _screen_again(session: Session, numbers: set[int] | None) -> list[int]:
    """The studies that are screened again."""
    query = (
        select(JobRow, StudyRow)
        .join(StudyRow, JobRow.study_id == StudyRow.id)
        .where(
            StudyRow.state == StudyState.FAILED,
            JobRow.revision == StudyRow.revision,
            JobRow.state == JobState.DEAD,
        )
        .order_by(StudyRow.id)
        .with_for_update()
    )
    if numbers is not None:
        query = query.where(StudyRow.id.in_(numbers))
    moment, found = now(), []
    for job, study in session.execute(query).all():
        job.state, job.reason, job.finished = JobState.WAITING, "", None
        job.attempts, job.queued, job.due = 0, moment, moment
        study.state, study.reason = StudyState.QUEUED, ""
        found.append(study.id)
    return found


def _make_again(session: Session, store: Store, numbers: set[int] | None) -> list[int]:
    """The studies that are screened again because files are gone that wait to be delivered."""
    found = []
    undelivered = _undelivered(session, numbers)
    for result in dict.fromkeys(result for _, result in undelivered):
        folder = store.absolute(result.folder)
        if all((folder / one.name).is_file() for one in result.objects):
            continue
        study = session.get_one(StudyRow, result.study_id, with_for_update=True)
        if study.state is not StudyState.SCREENED or study.revision != result.revision:
            continue  # another result is on its way
        if _is_signed(session, study):
            continue  # what the software finds would take the place of what a reader has signed
        before = session.get(JobRow, result.job_id)
        study.revision += 1
        study.state, study.reason = StudyState.QUEUED, ""
        priority = Priority.ROUTINE.rank if before is None else before.priority
        session.add(JobRow(study_id=study.id, revision=study.revision, priority=priority))
        for delivery in (one for one, of in undelivered if of is result):
            delivery.state = DeliveryState.SUPERSEDED
        found.append(study.id)
    session.flush()
    return found


def _is_signed(session: Session, study: StudyRow) -> bool:
    """Whether a result of a reader counts for a study; those come of no job."""
    query = select(ResultRow.id).where(
        ResultRow.study_id == study.id, ResultRow.job_id.is_(None), ResultRow.superseded.is_(False)
    )
    return session.scalar(query.limit(1)) is not None


def _undelivered(session: Session, numbers: set[int] | None) -> Sequence[Any]:
    """The deliveries that failed, of results that count, by study number; None for all."""
    query = (
        select(DeliveryRow, ResultRow)
        .join(ResultRow, DeliveryRow.result_id == ResultRow.id)
        .where(DeliveryRow.state == DeliveryState.FAILED, ResultRow.superseded.is_(False))
        .order_by(DeliveryRow.id)
        .with_for_update(of=DeliveryRow)
    )
    if numbers is not None:
        query = query.where(ResultRow.study_id.in_(numbers))
    return session.execute(query).all()


def _deliver_again(session: Session, numbers: set[int] | None) -> list[int]:
    """The studies of the results that are delivered again, one for each delivery."""
    moment, found = now(), []
    for delivery, result in _undelivered(session, numbers):
        delivery.state, delivery.reason, delivery.finished = DeliveryState.WAITING, "", None
        # When it is given up is counted from here.
        delivery.attempts = 0
        delivery.created = delivery.queued = delivery.due = moment
        found.append(result.study_id)
    return found
