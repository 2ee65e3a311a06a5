"""The studies of a node with their last results, reviews and deliveries, as lists show them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from deepvein.core.errors import UsageError
from deepvein.node.database.schema import DeliveryRow, JobRow, ResultRow, ReviewRow, StudyRow
from deepvein.node.states import JobState, ReviewState, StudyState

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

_LAST_REVIEW = (
    select(func.max(ReviewRow.id))
    .join(ResultRow, ResultRow.id == ReviewRow.result_id)
    .where(ResultRow.study_id == StudyRow.id, ResultRow.revision == StudyRow.revision)
    .correlate(StudyRow)
    .scalar_subquery()
)
_STUDY = aliased(StudyRow)
_RUNNING = JobRow.state == JobState.RUNNING
_SIGNED = ReviewRow.state == ReviewState.SIGNED
_SIGNED_STUDIES = (
    select(ResultRow.study_id)
    .join(ReviewRow, ReviewRow.result_id == ResultRow.id)
    .where(
        _SIGNED,
        ReviewRow.id.in_(
            select(func.max(ReviewRow.id))
            .join(ResultRow, ResultRow.id == ReviewRow.result_id)
            .join(
                _STUDY, and_(_STUDY.id == ResultRow.study_id, _STUDY.revision == ResultRow.revision)
            )
            .group_by(_STUDY.id)
            .correlate(None)
        ),
    )
    .correlate(None)
)
"""Found once for all studies: one look for each of many would take longer than all else."""
_OPEN = or_(ReviewRow.id.is_(None), ReviewRow.state != ReviewState.SIGNED)

STATUSES: dict[str, Any] = {
    "receiving": StudyRow.state == StudyState.RECEIVING,
    "queued": and_(StudyRow.state == StudyState.QUEUED, or_(JobRow.id.is_(None), ~_RUNNING)),
    "running": and_(StudyRow.state == StudyState.QUEUED, _RUNNING),
    "screened": and_(StudyRow.state == StudyState.SCREENED, _OPEN),
    "reviewed": and_(StudyRow.state == StudyState.SCREENED, _SIGNED),
    "failed": StudyRow.state == StudyState.FAILED,
    "left_out": StudyRow.state == StudyState.LEFT_OUT,
}
"""How far a study is for its readers, and which rows are that far."""


class _Beside(Flag):
    """What stands beside a study."""

    JOB = auto()
    RESULT = auto()
    REVIEW = auto()


_NOTHING = _Beside(0)
_EVERYTHING = _Beside.JOB | _Beside.RESULT | _Beside.REVIEW
_STATUS_BY = {
    "queued": _Beside.JOB,
    "running": _Beside.JOB,
    "screened": _Beside.REVIEW,
    "reviewed": _Beside.REVIEW,
}
"""Where statuses look beside the study itself."""

ORDERS: dict[str, tuple[Any, ...]] = {
    # What was signed can wait, whatever was found.
    "urgency": (
        case((StudyRow.id.in_(_SIGNED_STUDIES), 0), else_=1),
        StudyRow.urgency,
        StudyRow.id,
    ),
    "newest": (StudyRow.id,),
    "patient": (StudyRow.patient_name, StudyRow.id),
    "date": (StudyRow.study_date, StudyRow.study_time, StudyRow.id),
    "probability": (StudyRow.urgency, StudyRow.id),
}
"""Ascending; "urgency" goes by the probability of DVT in the last result, "newest" by arrival."""


@dataclass(frozen=True)
class Wanted:
    """A page of the list.

    status: a key of `STATUSES`, None for all. order: a key of `ORDERS`, from its end unless `ascending`.
    search: words that all stand in name, number, accession number, description or places.
    """

    status: str | None = None
    order: str = "urgency"
    offset: int = 0
    limit: int = 100
    ascending: bool = False
    search: str = ""


@dataclass(frozen=True)
class Entry:
    """One study; what a result tells is None as long as there is none.

    status: a key of `STATUSES`. review: "draft" or "signed", empty for none, by `reviewer`. deliveries: the
    state of each, by the name of its destination.
    """

    id: int
    study_uid: str
    patient_id: str
    patient_name: str
    sex: str
    age: int | None
    accession_number: str
    study_date: str
    description: str
    state: StudyState
    status: str
    reason: str
    received: datetime
    instances: int
    priority: int | None
    verdict: str | None
    probability: float | None
    findings: int | None
    places: str | None
    extent_mm: float | None
    result_id: int | None
    review: str
    reviewer: str
    deliveries: dict[str, str]


def entries(session: Session, wanted: Wanted) -> list[Entry]:
    """One page of the list, in the order asked for."""
    order = ORDERS[wanted.order]
    # First which ones, of what sorting needs alone; then all about those of the page.
    numbers = session.scalars(
        _matching(select(StudyRow.id), wanted)
        .order_by(*(order if wanted.ascending else (key.desc() for key in order)))
        .offset(wanted.offset)
        .limit(wanted.limit)
    ).all()
    query = _joined(select(StudyRow, JobRow, ResultRow, ReviewRow), _EVERYTHING)
    found = {row[0].id: row for row in session.execute(query.where(StudyRow.id.in_(numbers)))}
    rows = [found[number] for number in numbers]
    results = [result.id for _, _, result, _ in rows if result is not None]
    sent: dict[int, dict[str, str]] = {}
    for one in session.scalars(select(DeliveryRow).where(DeliveryRow.result_id.in_(results))):
        sent.setdefault(one.result_id, {})[one.destination] = one.state.value
    return [_entry(study, job, result, review, sent) for study, job, result, review in rows]


def counted(session: Session, wanted: Wanted) -> int:
    """How many studies the list holds, all pages together."""
    return session.scalar(_matching(select(func.count()), wanted)) or 0


def age_of(birth_date: str, study_date: str) -> int | None:
    """Whole years between two DICOM dates; None if they do not tell."""
    if not (len(birth_date) == len(study_date) == 8 and (birth_date + study_date).isdigit()):
        return None
    years = int(study_date[:4]) - int(birth_date[:4]) - (study_date[4:] < birth_date[4:])
    return years if 0 <= years <= 130 else None


def _matching(query: Any, wanted: Wanted) -> Any:
    """Studies as wanted, joined with what that asks of other tables."""
    needed = _STATUS_BY.get(wanted.status or "", _NOTHING)
    words = wanted.search.split()[:8]
    if words:
        needed |= _Beside.RESULT
    query = _joined(query, needed)
    if wanted.status is not None:
        query = query.where(STATUSES[wanted.status])
    searched = (
        StudyRow.patient_name, StudyRow.patient_id, StudyRow.accession_number, StudyRow.description,
        ResultRow.places,
    )  # fmt: skip
    for word in words:
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in searched)))
    return query


def _joined(query: Any, beside: _Beside) -> Any:
    query = query.select_from(StudyRow)
    if _Beside.JOB in beside:
        of_study = and_(JobRow.study_id == StudyRow.id, JobRow.revision == StudyRow.revision)
        query = query.outerjoin(JobRow, of_study)
    if _Beside.RESULT in beside:
        last = and_(ResultRow.study_id == StudyRow.id, ResultRow.superseded.is_(False))
        query = query.outerjoin(ResultRow, last)
    if _Beside.REVIEW in beside:
        query = query.outerjoin(ReviewRow, ReviewRow.id == _LAST_REVIEW)
    return query


def _entry(
    study: StudyRow,
    job: JobRow | None,
    result: ResultRow | None,
    review: ReviewRow | None,
    sent: dict[int, dict[str, str]],
) -> Entry:
    return Entry(
        id=study.id,
        study_uid=study.uid,
        patient_id=study.patient_id,
        patient_name=study.patient_name,
        sex=study.sex,
        age=age_of(study.birth_date, study.study_date),
        accession_number=study.accession_number,
        study_date=study.study_date,
        description=study.description,
        state=study.state,
        status=_status(study, job, review),
        reason=study.reason,
        received=study.received,
        instances=study.instance_count,
        priority=None if job is None else job.priority,
        verdict=None if result is None else result.verdict,
        probability=None if result is None else result.probability,
        findings=None if result is None else result.findings,
        places=None if result is None else result.places,
        extent_mm=None if result is None else result.extent_mm,
        result_id=None if result is None else result.id,
        review="" if review is None else review.state.value,
        reviewer="" if review is None else review.changed_by,
        deliveries={} if result is None else sent.get(result.id, {}),
    )


def _status(study: StudyRow, job: JobRow | None, review: ReviewRow | None) -> str:
    """The key of `STATUSES` that holds for a study."""
    if study.state is StudyState.QUEUED and job is not None and job.state is JobState.RUNNING:
        return "running"
    signed = review is not None and review.state is ReviewState.SIGNED
    return "reviewed" if signed and study.state is StudyState.SCREENED else study.state.value


def study_named(session: Session, name: str) -> StudyRow:
    """The study of a number of the list or a Study Instance UID; UsageError if there is none."""
    is_number = name.isdecimal() and len(name) < 19  # more than the database counts
    found = session.scalar(
        select(StudyRow).where(StudyRow.id == int(name) if is_number else StudyRow.uid == name)
    )
    if found is None:
        raise UsageError(
            f"there is no study {name!r}: give numbers of the work list or Study Instance UIDs"
        )
    return found
