"""Tables of what is done: jobs, results with their objects, and the deliveries of results."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deepvein.node.database.columns import Base, Key, Moment, Uid, Word, now
from deepvein.node.database.studies import StudyRow
from deepvein.node.states import DeliveryState, JobState


class JobRow(Base):
    """One screening of one revision of a study; at most one exists for each.

    beat: raised by the worker while it works; who sees it stand still for long takes the job from it.
    attempts: how often it was begun; a worker's result counts only if this is still its own attempt. due:
    not before this. queued: when `due` was set; where that lies in the future the clock has jumped back, and
    `due` says nothing.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("study_id", "revision"),
        Index(None, "state", "priority", "due"),
    )

    id: Mapped[Key]
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    revision: Mapped[int]
    priority: Mapped[int]
    state: Mapped[JobState] = mapped_column(Word(JobState), default=JobState.WAITING)
    reason: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(default=0)
    beat: Mapped[int] = mapped_column(BigInteger, default=0)
    worker: Mapped[str] = mapped_column(String(128), default="")
    created: Mapped[datetime] = mapped_column(Moment, default=now)
    due: Mapped[datetime] = mapped_column(Moment, default=now)
    queued: Mapped[datetime] = mapped_column(Moment, default=now)
    started: Mapped[datetime | None] = mapped_column(Moment)
    finished: Mapped[datetime | None] = mapped_column(Moment)

    study: Mapped[StudyRow] = relationship()


class ResultRow(Base):
    """The result of a job: the answer in short and its folder, relative to the node's folder.

    job_id: None for what a reader signed, which follows a result of the same revision. extent_mm: of the
    longest finding, None without one. image: what the study's images are like
    (`screening.image_statistics`), None where that was not looked at. superseded: a later result of the
    study took its place. reason: what could not be written, if anything.
    """

    __tablename__ = "results"
    __table_args__ = (Index(None, "study_id"),)

    id: Mapped[Key]
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id"), unique=True)
    revision: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(32))
    probability: Mapped[float | None]
    findings: Mapped[int]
    places: Mapped[str] = mapped_column(Text, default="")
    extent_mm: Mapped[float | None]
    models: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    image: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    folder: Mapped[str] = mapped_column(String(512))
    seconds: Mapped[float] = mapped_column(default=0.0)
    reason: Mapped[str] = mapped_column(Text, default="")
    superseded: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime] = mapped_column(Moment, default=now)

    study: Mapped[StudyRow] = relationship()
    objects: Mapped[list[ObjectRow]] = relationship(order_by="ObjectRow.id")


class ObjectRow(Base):
    """A DICOM object of a result; `name` is that of its file in the result's folder."""

    __tablename__ = "objects"
    __table_args__ = (UniqueConstraint("result_id", "uid"),)

    id: Mapped[Key]
    result_id: Mapped[int] = mapped_column(ForeignKey("results.id"))
    uid: Mapped[Uid]
    sop_class: Mapped[Uid]
    name: Mapped[str] = mapped_column(String(255))


class DeliveryRow(Base):
    """A result on its way to one destination, which the node's settings describe under this name.

    attempts, beat, due, queued: as for jobs; while it is committing, beat counts the questions. transaction:
    UID under which the peer was asked for storage commitment, empty if it was not.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("result_id", "destination"),
        Index(None, "state", "due"),
        Index(None, "transaction"),
    )

    id: Mapped[Key]
    result_id: Mapped[int] = mapped_column(ForeignKey("results.id"))
    destination: Mapped[str] = mapped_column(String(128))
    state: Mapped[DeliveryState] = mapped_column(Word(DeliveryState), default=DeliveryState.WAITING)
    reason: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(default=0)
    beat: Mapped[int] = mapped_column(BigInteger, default=0)
    sender: Mapped[str] = mapped_column(String(128), default="")
    transaction: Mapped[str] = mapped_column(String(128), default="")
    created: Mapped[datetime] = mapped_column(Moment, default=now)
    due: Mapped[datetime] = mapped_column(Moment, default=now)
    queued: Mapped[datetime] = mapped_column(Moment, default=now)
    finished: Mapped[datetime | None] = mapped_column(Moment)

    result: Mapped[ResultRow] = relationship()


class AcceptedRow(Base):
    """An object that a destination has said yes to; it is not sent there again.

    committed: the peer has also committed itself to keep it.
    """

    __tablename__ = "accepted"
    __table_args__ = (UniqueConstraint("delivery_id", "object_id"),)

    id: Mapped[Key]
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"))
    object_id: Mapped[int] = mapped_column(ForeignKey("objects.id"))
    status: Mapped[int] = mapped_column(default=0)
    committed: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(Moment, default=now)
