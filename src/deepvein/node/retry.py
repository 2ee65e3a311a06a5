"""Beginning again with what was given up, when its reason is gone: studies and deliveries that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from deepvein.node.audit import Deed, record
from deepvein.node.database.columns import now
from deepvein.node.database.schema import DeliveryRow, JobRow, ResultRow, StudyRow
from deepvein.node.states import DeliveryState, JobState, StudyState
from deepvein.node.worklist import study_named

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from deepvein.node.database.database import Database


@dataclass(frozen=True)
class Retried:
    """How many studies wait to be screened again, and how many results to be delivered."""

    studies: int
    deliveries: int


def retry(database: Database, studies: Sequence[str] = ()) -> Retried:
    """Put failed studies and deliveries back in line, with as many attempts as new ones have.

    studies: numbers or Study Instance UIDs, () for all. What is newer than a failed result is not touched.
    UsageError for a study that is not there.
    """
    with database.writing() as session:
        rows = [study_named(session, name) for name in dict.fromkeys(studies)]
        numbers = {row.id for row in rows} if studies else None
        screened = _screen_again(session, numbers)
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


def _deliver_again(session: Session, numbers: set[int] | None) -> list[int]:
    """The studies of the results that are delivered again, one for each delivery."""
    query = (
        select(DeliveryRow, ResultRow.study_id)
        .join(ResultRow, DeliveryRow.result_id == ResultRow.id)
        .where(DeliveryRow.state == DeliveryState.FAILED, ResultRow.superseded.is_(False))
        .order_by(DeliveryRow.id)
        .with_for_update(of=DeliveryRow)
    )
    if numbers is not None:
        query = query.where(ResultRow.study_id.in_(numbers))
    moment, found = now(), []
    for delivery, study in session.execute(query).all():
        delivery.state, delivery.reason, delivery.finished = DeliveryState.WAITING, "", None
        # When it is given up is counted from here.
        delivery.attempts = 0
        delivery.created = delivery.queued = delivery.due = moment
        found.append(study)
    return found
