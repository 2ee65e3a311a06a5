"""The table of reviews: what readers made of results."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deepvein.node.database.columns import Base, Key, Moment, Uid, Word, now
from deepvein.node.database.work import ResultRow
from deepvein.node.states import ReviewState


class ReviewRow(Base):
    """A reader's review of a result; `number` counts those of one result, the last one counts.

    version: raised with every change; who changes it says which version was seen, so that two readers never
    overwrite one another. decisions: by the number of the finding, `choice`, `reason` and `comment`. labels:
    file of the corrected voxels, relative to the node's folder; empty as long as nothing was drawn. verdict:
    empty for what follows from the findings. signed_result_id: the result that was written from it.
    """

    __tablename__ = "reviews"
    __table_args__ = (UniqueConstraint("result_id", "number"),)

    id: Mapped[Key]
    result_id: Mapped[int] = mapped_column(ForeignKey("results.id"))
    number: Mapped[int] = mapped_column(default=1)
    uid: Mapped[Uid] = mapped_column(unique=True)
    state: Mapped[ReviewState] = mapped_column(Word(ReviewState), default=ReviewState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    decisions: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    verdict: Mapped[str] = mapped_column(String(32), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    labels: Mapped[str] = mapped_column(String(512), default="")
    changed_by: Mapped[str] = mapped_column(String(64))
    changed: Mapped[datetime] = mapped_column(Moment, default=now)
    signed_by: Mapped[str] = mapped_column(String(64), default="")
    signed: Mapped[datetime | None] = mapped_column(Moment)
    signed_result_id: Mapped[int | None] = mapped_column(ForeignKey("results.id"))

    result: Mapped[ResultRow] = relationship(foreign_keys=[result_id])
