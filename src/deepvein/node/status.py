"""How a node is: what waits, what failed and why, whether the audit log is whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select

from deepvein.node.audit import first_break
from deepvein.node.database.columns import now
from deepvein.node.database.schema import (
    DeliveryRow,
    JobRow,
    QuarantinedRow,
    ResultRow,
    StudyRow,
)
from deepvein.node.entrance import IS_STUCK
from deepvein.node.expiry import Expiry  # its fields are looked at
from deepvein.node.states import DeliveryState, JobState, StudyState

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from deepvein.node.database.database import Database

_SHOWN = 20
_ON_THE_WAY = (DeliveryState.WAITING, DeliveryState.COMMITTING)


@dataclass(frozen=True)
class Trouble:
    """A study that failed, or its delivery to a destination; either may be tried again by itself."""

    study: int
    reason: str
    destination: str = ""
    tried_again: bool = False


@dataclass(frozen=True)
class NodeStatus:
    """Counts by state, the age of the oldest screening that waits (0 if none does), and the last troubles.

    quarantine, stuck: why files cannot be used, and why others wait that trouble with the disk keeps from being
    taken in; the commonest reasons, each with how many there are. broken_audit_row: the first row of the audit
    log that was tampered with, None if none was.
    hindrances: what keeps the node from its work now (`readiness.troubles`).
    """

    studies: dict[str, int]
    jobs: dict[str, int]
    deliveries: dict[str, int]
    quarantined: int
    quarantine: dict[str, int]
    stuck: dict[str, int]
    oldest_waiting_s: float
    troubles: tuple[Trouble, ...]
    broken_audit_row: int | None
    certificates: tuple[Expiry, ...] = ()
    hindrances: tuple[str, ...] = ()


def status(
    database: Database,
    certificates: tuple[Expiry, ...] = (),
    hindrances: tuple[str, ...] = (),
) -> NodeStatus:
    """Look at everything once; `certificates` are the node's own, `hindrances` what `troubles` tells."""
    with database.reading() as session:
        oldest = session.scalar(
            select(func.min(JobRow.created)).where(JobRow.state == JobState.WAITING)
        )
        age_s = 0.0 if oldest is None else max(0.0, (now() - oldest).total_seconds())
        return NodeStatus(
            studies=_counts(session, StudyRow.state, StudyState),
            jobs=_counts(session, JobRow.state, JobState),
            deliveries=_counts(session, DeliveryRow.state, DeliveryState),
            quarantined=session.scalar(select(func.count(QuarantinedRow.id)).where(~IS_STUCK)) or 0,
            quarantine=_reasons(session, ~IS_STUCK),
            stuck=_reasons(session, IS_STUCK),
            oldest_waiting_s=age_s,
            troubles=_troubles(session),
            broken_audit_row=first_break(session),
            certificates=certificates,
            hindrances=hindrances,
        )


def _reasons(session: Session, which: ColumnElement[bool]) -> dict[str, int]:
    """The commonest reasons of these files, each with how many there are."""
    count = func.count()
    query = (
        select(QuarantinedRow.reason, count)
        .where(which)
        .group_by(QuarantinedRow.reason)
        .order_by(count.desc(), QuarantinedRow.reason)
        .limit(_SHOWN)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _counts(session: Session, column: Any, states: Any) -> dict[str, int]:
    found = {
        row[0]: row[1] for row in session.execute(select(column, func.count()).group_by(column))
    }
    return {state.value: found.get(state, 0) for state in states}


def _troubles(session: Session) -> tuple[Trouble, ...]:
    studies = (
        select(StudyRow.id, StudyRow.reason)
        .where(StudyRow.state == StudyState.FAILED)
        .order_by(StudyRow.id.desc())
        .limit(_SHOWN)
    )
    screenings = (
        select(JobRow.study_id, JobRow.reason)
        .where(JobRow.state == JobState.WAITING, JobRow.reason != "")
        .order_by(JobRow.id.desc())
        .limit(_SHOWN)
    )
    deliveries = (
        select(ResultRow.study_id, DeliveryRow)
        .join(ResultRow, DeliveryRow.result_id == ResultRow.id)
        .where(
            or_(
                DeliveryRow.state == DeliveryState.FAILED,
                and_(DeliveryRow.state.in_(_ON_THE_WAY), DeliveryRow.reason != ""),
            )
        )
        .order_by(DeliveryRow.id.desc())
        .limit(_SHOWN)
    )
    return (
        *(Trouble(row.id, row.reason) for row in session.execute(studies)),
        *(
            Trouble(row.study_id, row.reason, tried_again=True)
            for row in session.execute(screenings)
        ),
        *(
            Trouble(study, row.reason, row.destination, row.state in _ON_THE_WAY)
            for study, row in session.execute(deliveries)
        ),
    )
