"""The studies of a node with their last results and deliveries, as lists show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from deepvein.node.database.schema import DeliveryRow, JobRow, ResultRow, StudyRow
from deepvein.node.states import StudyState

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

ORDERS = {
    "urgency": (StudyRow.urgency.desc(), StudyRow.id.desc()),
    "newest": (StudyRow.id.desc(),),
}
"""By the probability of DVT in the last result, or by arrival."""


@dataclass(frozen=True)
class Wanted:
    """A page of the list.

    state: only studies of this state, None for all. order: a key of `ORDERS`.
    """

    state: StudyState | None = None
    order: str = "urgency"
    offset: int = 0
    limit: int = 100


@dataclass(frozen=True)
class Entry:
    """One study; what a result tells is None as long as there is none.

    deliveries: the state of each, by the name of its destination.
    """

    id: int
    study_uid: str
    patient_id: str
    patient_name: str
    accession_number: str
    study_date: str
    description: str
    state: StudyState
    reason: str
    received: datetime
    instances: int
    priority: int | None
    verdict: str | None
    probability: float | None
    findings: int | None
    places: str | None
    result_id: int | None
    deliveries: dict[str, str]


def entries(session: Session, wanted: Wanted) -> list[Entry]:
    """One page of the list, in the order asked for."""
    query = (
        select(StudyRow, JobRow.priority, ResultRow)
        .outerjoin(
            JobRow, and_(JobRow.study_id == StudyRow.id, JobRow.revision == StudyRow.revision)
        )
        .outerjoin(
            ResultRow, and_(ResultRow.study_id == StudyRow.id, ResultRow.superseded.is_(False))
        )
        .order_by(*ORDERS[wanted.order])
        .offset(wanted.offset)
        .limit(wanted.limit)
    )
    if wanted.state is not None:
        query = query.where(StudyRow.state == wanted.state)
    rows = session.execute(query).all()
    results = [result.id for _, _, result in rows if result is not None]
    sent: dict[int, dict[str, str]] = {}
    for one in session.scalars(select(DeliveryRow).where(DeliveryRow.result_id.in_(results))):
        sent.setdefault(one.result_id, {})[one.destination] = one.state.value
    return [_entry(study, priority, result, sent) for study, priority, result in rows]


def _entry(
    study: StudyRow,
    priority: int | None,
    result: ResultRow | None,
    sent: dict[int, dict[str, str]],
) -> Entry:
    return Entry(
        id=study.id,
        study_uid=study.uid,
        patient_id=study.patient_id,
        patient_name=study.patient_name,
        accession_number=study.accession_number,
        study_date=study.study_date,
        description=study.description,
        state=study.state,
        reason=study.reason,
        received=study.received,
        instances=study.instance_count,
        priority=priority,
        verdict=None if result is None else result.verdict,
        probability=None if result is None else result.probability,
        findings=None if result is None else result.findings,
        places=None if result is None else result.places,
        result_id=None if result is None else result.id,
        deliveries={} if result is None else sent.get(result.id, {}),
    )
