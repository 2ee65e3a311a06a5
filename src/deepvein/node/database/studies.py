"""Tables of what came in: studies, their series and instances, who is sending, and what cannot be used."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deepvein.node.database.columns import Base, Key, Moment, Uid, Word, now
from deepvein.node.states import StudyState


class StudyRow(Base):
    """A study and how far it is.

    arrivals: counts every new instance, so that whoever decides on the study sees that another one came
    meanwhile. revision: how often a late instance has opened it again; each has a job and a result of its
    own, and the last one counts. reason: why it failed or was left out. urgency: what lists are sorted by,
    the probability of DVT in its last result, -1 without one.
    """

    __tablename__ = "studies"
    __table_args__ = (
        Index(None, "state"),
        Index(None, "received"),
        Index(None, "patient_id"),
        Index(None, "urgency", "id"),
    )

    id: Mapped[Key]
    uid: Mapped[Uid] = mapped_column(unique=True)
    state: Mapped[StudyState] = mapped_column(Word(StudyState), default=StudyState.RECEIVING)
    reason: Mapped[str] = mapped_column(Text, default="")
    urgency: Mapped[float] = mapped_column(default=-1.0)
    revision: Mapped[int] = mapped_column(default=1)
    arrivals: Mapped[int] = mapped_column(default=0)
    instance_count: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    calling_ae: Mapped[str] = mapped_column(String(64), default="")
    received: Mapped[datetime] = mapped_column(Moment, default=now)
    changed: Mapped[datetime] = mapped_column(Moment, default=now)
    patient_id: Mapped[str] = mapped_column(String(255), default="")
    patient_name: Mapped[str] = mapped_column(String(255), default="")
    birth_date: Mapped[str] = mapped_column(String(16), default="")
    sex: Mapped[str] = mapped_column(String(16), default="")
    accession_number: Mapped[str] = mapped_column(String(64), default="")
    study_date: Mapped[str] = mapped_column(String(16), default="")
    study_time: Mapped[str] = mapped_column(String(32), default="")
    description: Mapped[str] = mapped_column(String(255), default="")

    series: Mapped[list[SeriesRow]] = relationship(
        back_populates="study", order_by="SeriesRow.number"
    )


class SeriesRow(Base):
    """A series of a study."""

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("study_id", "uid"),)

    id: Mapped[Key]
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    uid: Mapped[Uid]
    modality: Mapped[str] = mapped_column(String(16), default="")
    body_part: Mapped[str] = mapped_column(String(64), default="")
    description: Mapped[str] = mapped_column(String(255), default="")
    number: Mapped[int] = mapped_column(default=0)
    instance_count: Mapped[int] = mapped_column(default=0)

    study: Mapped[StudyRow] = relationship(back_populates="series")


class InstanceRow(Base):
    """A stored instance: its file, relative to the node's folder, and what it was when it came."""

    __tablename__ = "instances"
    __table_args__ = (UniqueConstraint("study_id", "uid"), Index(None, "series_id"))

    id: Mapped[Key]
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    uid: Mapped[Uid]
    sop_class: Mapped[Uid]
    transfer_syntax: Mapped[Uid]
    path: Mapped[str] = mapped_column(String(512))
    bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    received: Mapped[datetime] = mapped_column(Moment, default=now)


class SendingRow(Base):
    """An open association that has brought instances of a study; `receiver` is who keeps it open."""

    __tablename__ = "sending"
    __table_args__ = (UniqueConstraint("receiver", "association", "study_id"),)

    id: Mapped[Key]
    receiver: Mapped[str] = mapped_column(String(128))
    association: Mapped[str] = mapped_column(String(64))
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))


class QuarantinedRow(Base):
    """An instance that was kept but cannot be used, and why."""

    __tablename__ = "quarantine"

    id: Mapped[Key]
    path: Mapped[str] = mapped_column(String(512), unique=True)
    reason: Mapped[str] = mapped_column(Text)
    study_uid: Mapped[str] = mapped_column(String(128), default="")
    uid: Mapped[str] = mapped_column(String(128), default="")
    calling_ae: Mapped[str] = mapped_column(String(64), default="")
    received: Mapped[datetime] = mapped_column(Moment, default=now)
