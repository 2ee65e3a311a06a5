"""The audit log: who saw, decided, changed or sent what; append-only, each row bound to the one before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from deepvein.node.database.columns import now
from deepvein.node.database.people import AuditRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_LOCK = 0x6175646974
"""Number of PostgreSQL's lock under which one row at a time is appended."""

SYSTEM = "node"
"""The actor where no person acts."""


@dataclass(frozen=True)
class Deed:
    """What was done. Fields follow DICOM PS3.15 A.5.

    actor: user name, AE title of a peer, or `SYSTEM`. address: network address it came from. action: a short
    word such as "log-in", "view", "deliver". study_uid: the study it is about, empty if none. outcome:
    "success" or "failure". detail: more in words; no patient's name stands in it.
    """

    action: str
    actor: str = SYSTEM
    address: str = ""
    study_uid: str = ""
    outcome: str = "success"
    detail: str = ""


def record(session: Session, deed: Deed) -> None:
    """Append a deed within the caller's writing transaction, so that deed and record stand or fall together."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = session.scalar(select(AuditRow.hash).order_by(AuditRow.id.desc()).limit(1))
    row = AuditRow(
        at=now(),
        actor=deed.actor[:128],
        address=deed.address[:64],
        action=deed.action[:64],
        study_uid=deed.study_uid[:128],
        outcome=deed.outcome[:16],
        detail=deed.detail,
        hash="",
    )
    row.hash = _hash(row, last or "")
    session.add(row)
    session.flush()


def first_break(session: Session) -> int | None:
    """The number of the first row that does not follow from the one before it; None if the log is whole.

    Rows cut off at the end leave no trace in the log itself: keep the last hash elsewhere, as backups do.
    """
    before = ""
    for row in session.scalars(select(AuditRow).order_by(AuditRow.id)).yield_per(1000):
        if row.hash != _hash(row, before):
            return row.id
        before = row.hash
    return None


def _hash(row: AuditRow, before: str) -> str:
    fields = (
        before,
        row.at.isoformat(),
        row.actor,
        row.address,
        row.action,
        row.study_uid,
        row.outcome,
        row.detail,
    )
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()
