"""Tables of who may come in and what they did: users, tokens, sessions, failed log-ins, the audit log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deepvein.node.database.columns import Base, Key, Moment, Word, now
from deepvein.node.states import Role


class UserRow(Base):
    """Who may come in; passwords are kept as argon2 hashes alone."""

    __tablename__ = "users"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[Role] = mapped_column(Word(Role))
    password_hash: Mapped[str] = mapped_column(String(255))
    disabled: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime] = mapped_column(Moment, default=now)


class TokenRow(Base):
    """A program's key to act for a user; only its SHA-256 is kept.

    used: when it was used last, to the minute; None if never.
    """

    __tablename__ = "tokens"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    label: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    created: Mapped[datetime] = mapped_column(Moment, default=now)
    expires: Mapped[datetime | None] = mapped_column(Moment)
    revoked: Mapped[bool] = mapped_column(default=False)
    used: Mapped[datetime | None] = mapped_column(Moment)

    user: Mapped[UserRow] = relationship()


class SessionRow(Base):
    """A browser that is logged in; only the SHA-256 of its cookie is kept.

    csrf: what every changing request of this session must say in its header.
    """

    __tablename__ = "sessions"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime] = mapped_column(Moment, default=now)
    seen: Mapped[datetime] = mapped_column(Moment, default=now)

    user: Mapped[UserRow] = relationship()


class FailedLoginRow(Base):
    """A log-in that failed; too many within a while close the door to the name and to the address."""

    __tablename__ = "failed_logins"
    __table_args__ = (Index(None, "name", "at"), Index(None, "address", "at"))

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment, default=now)


class AuditRow(Base):
    """Who did what, when, from where, to which study, and how it ended (DICOM PS3.15 A.5, IHE ATNA).

    hash: SHA-256 over this row's fields and the hash of the row before it, so that a row that was changed
    or taken out is found out. The database refuses to change or delete rows of this table.
    """

    __tablename__ = "audit"
    __table_args__ = (Index(None, "study_uid"),)

    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(128))
    address: Mapped[str] = mapped_column(String(64), default="")
    action: Mapped[str] = mapped_column(String(64))
    study_uid: Mapped[str] = mapped_column(String(128), default="")
    outcome: Mapped[str] = mapped_column(String(16), default="success")
    detail: Mapped[str] = mapped_column(Text, default="")
    hash: Mapped[str] = mapped_column(String(64), unique=True)
