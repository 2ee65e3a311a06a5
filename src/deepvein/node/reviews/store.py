"""Drafts of reviews in the database: whoever changes one says which version was seen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from deepvein.core.errors import DeepveinError, UsageError
from deepvein.node.database.columns import now
from deepvein.node.database.schema import ResultRow, ReviewRow
from deepvein.node.reviews.marks import Marks
from deepvein.node.states import ReviewState

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from deepvein.node.database.database import Database
    from deepvein.node.reviews.view import View


class ReviewConflictError(DeepveinError):
    """Somebody else changed the review meanwhile, or signed it; `current` is how it stands now."""

    def __init__(self, current: ReviewRow | None) -> None:
        who = "" if current is None else f" by {current.changed_by}"
        did = "signed" if current is not None and current.state is ReviewState.SIGNED else "changed"
        super().__init__(f"the review was {did}{who} meanwhile: load it again before changing it")
        self.current = current


@dataclass(frozen=True)
class Changes:
    """All that a reader says in words; what was drawn is saved apart."""

    decisions: dict[str, Any]
    verdict: str = ""
    comment: str = ""


def base_result(session: Session, study_id: int) -> ResultRow | None:
    """The last result of the software for a study, on which reviews stand; None if there is none."""
    return session.scalar(
        select(ResultRow)
        .where(ResultRow.study_id == study_id, ResultRow.job_id.is_not(None))
        .order_by(ResultRow.revision.desc(), ResultRow.id.desc())
        .limit(1)
    )


def current_review(session: Session, result_id: int) -> ReviewRow | None:
    """The last review of a result; None if nobody has begun one."""
    return session.scalar(
        select(ReviewRow)
        .where(ReviewRow.result_id == result_id)
        .order_by(ReviewRow.number.desc())
        .limit(1)
    )


def save(
    session: Session, result: ResultRow, seen: int, changes: Changes, reader: str
) -> ReviewRow:
    """Put a reader's words in the place of version `seen` (0: there was no review), within the caller's
    writing transaction; ReviewConflictError if another version is there."""
    row = _claimed(session, result, seen, reader)
    row.decisions, row.verdict, row.comment = changes.decisions, changes.verdict, changes.comment
    session.flush()
    return row


def save_slab(
    database: Database, folder: Path, result: ResultRow, seen: int, drawn: Drawn, reader: str
) -> ReviewRow:
    """Put a slab of labels into the review's marks, likewise; `folder` is the node's.

    Each version has a file of its own, which stays: a few kilobytes, and whoever loads one still can.
    """
    with database.reading() as session:
        row = current_review(session, result.id)
        _check_seen(session, row, seen)
        before = "" if row is None else row.labels
    marks = Marks.load(folder / before) if before else drawn.view.marks("thrombi")
    first, last = drawn.view.check_slab(drawn.first, drawn.first + len(drawn.slab))
    if drawn.slab.shape != (last - first, *marks.shape[1:]):
        raise UsageError(f"slices of {marks.shape[1:]} voxels are wanted, got {drawn.slab.shape}")
    name = f"reviews/{result.id}/labels-{uuid.uuid4().hex}.npz"
    marks.with_slab(first, drawn.slab).save(folder / name)
    try:
        with database.writing() as session:
            row = _claimed(session, result, seen, reader)
            row.labels = name
            session.flush()
    except (ReviewConflictError, IntegrityError):
        (folder / name).unlink(missing_ok=True)
        raise
    return row


@dataclass(frozen=True, eq=False)
class Drawn:
    """The labels of the slices from `first` on, (slices, rows, columns) of the view's grid."""

    view: View
    first: int
    slab: NDArray[np.uint8]


def review_marks(folder: Path, view: View, review: ReviewRow | None) -> Marks:
    """The thrombi as the review has them, or as the software found them where nothing was drawn."""
    if review is None or not review.labels:
        return view.marks("thrombi")
    return Marks.load(folder / review.labels)


def reopen(session: Session, result: ResultRow, seen: int, reader: str) -> ReviewRow:
    """A new draft that begins with what was signed last; ReviewConflictError if it is not version `seen`."""
    row = current_review(session, result.id)
    if row is None or row.version != seen or row.state is not ReviewState.SIGNED:
        raise conflict(session, row)
    again = _new(result, reader, row.number + 1)
    # Above all that was seen before, so that a page that slept through it is found out.
    again.version = row.version + 1
    again.decisions, again.verdict, again.comment = row.decisions, row.verdict, row.comment
    again.labels = row.labels
    session.add(again)
    session.flush()
    return again


def _claimed(session: Session, result: ResultRow, seen: int, reader: str) -> ReviewRow:
    """The review of version `seen`, locked and raised by one."""
    row = session.scalar(
        select(ReviewRow)
        .where(ReviewRow.result_id == result.id)
        .order_by(ReviewRow.number.desc())
        .limit(1)
        .with_for_update()
    )
    _check_seen(session, row, seen)
    if row is None:
        row = _new(result, reader, 1)
        session.add(row)
    else:
        row.version, row.changed, row.changed_by = row.version + 1, now(), reader
    return row


def _new(result: ResultRow, reader: str, number: int) -> ReviewRow:
    return ReviewRow(
        result_id=result.id,
        number=number,
        uid=f"2.25.{uuid.uuid4().int}",
        version=1,
        changed_by=reader,
        changed=now(),
    )


def _check_seen(session: Session, row: ReviewRow | None, seen: int) -> None:
    there = 0 if row is None else row.version
    if there != seen or (row is not None and row.state is ReviewState.SIGNED):
        raise conflict(session, row)


def conflict(session: Session, row: ReviewRow | None) -> ReviewConflictError:
    """The error to raise; the row stays readable after the session has gone back."""
    if row is not None:
        session.refresh(row)
        session.expunge(row)
    return ReviewConflictError(row)
