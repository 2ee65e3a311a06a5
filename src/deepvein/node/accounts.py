"""Who may come in: users with argon2 passwords, sessions of browsers, tokens of programs."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, or_, select

from deepvein.core.errors import DeepveinError, UsageError
from deepvein.node.database.columns import now
from deepvein.node.database.people import FailedLoginRow, SessionRow, TokenRow, UserRow

if TYPE_CHECKING:
    from argon2 import PasswordHasher
    from sqlalchemy.orm import Session

    from deepvein.node.states import Role

FAILURES = 5
"""So many failed log-ins of a name or an address within `FAILURE_WINDOW` close the door to it."""

FAILURE_WINDOW = timedelta(minutes=15)

PASSWORD_LENGTH = (12, 1024)
"""Fewest characters (NIST SP 800-63B asks for 8 at least), and most, for hashing costs time."""


@dataclass(frozen=True)
class Cost:
    """What hashing a password costs."""

    passes: int
    memory_kib: int


COST = Cost(passes=2, memory_kib=19 * 1024)
"""The argon2id parameters of the OWASP Password Storage Cheat Sheet."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


class LoginRefusedError(DeepveinError):
    """Name or password is wrong; which of them is not said."""


class TooManyAttemptsError(LoginRefusedError):
    """The door is closed for a while after too many failed log-ins."""


def add_user(session: Session, name: str, password: str, role: Role) -> UserRow:
    """Enter a new user; UsageError for a name that is taken or odd, and for a weak password."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"the user name {name!r} is not usable: 1 to 64 letters, digits, dots, dashes or @, the first a "
            "letter or digit"
        )
    if session.scalar(select(UserRow.id).where(UserRow.name == name)) is not None:
        raise UsageError(f"there is a user {name!r} already")
    user = UserRow(name=name, role=role, password_hash=_hashed(password))
    session.add(user)
    session.flush()
    return user


def set_password(session: Session, user: UserRow, password: str) -> None:
    """Give a user a new password; all sessions of this user end. UsageError for a weak one."""
    user.password_hash = _hashed(password)
    end_sessions(session, user)


def log_in(session: Session, name: str, password: str, address: str) -> tuple[str, SessionRow]:
    """Open a session; the cookie's value is returned beside it and kept nowhere.

    Raises LoginRefusedError after a failure has been counted, so that the caller must commit in any case;
    TooManyAttemptsError while the door is closed.
    """
    since = now() - FAILURE_WINDOW
    failed = session.scalar(
        select(func.count())
        .select_from(FailedLoginRow)
        .where(
            FailedLoginRow.at > since,
            or_(FailedLoginRow.name == name[:64], FailedLoginRow.address == address),
        )
    )
    if (failed or 0) >= FAILURES:
        raise TooManyAttemptsError("too many failed log-ins: wait a quarter of an hour")
    user = session.scalar(select(UserRow).where(UserRow.name == name))
    # An unknown name takes as long as a wrong password.
    known = _verify(_nobody() if user is None else user.password_hash, password)
    if user is None or user.disabled or not known:
        session.add(FailedLoginRow(name=name[:64], address=address[:64]))
        session.flush()
        raise LoginRefusedError("name or password is wrong")
    session.execute(delete(FailedLoginRow).where(FailedLoginRow.name == name[:64]))
    key = secrets.token_urlsafe(32)
    opened = SessionRow(user_id=user.id, hash=hashed_key(key), csrf=secrets.token_urlsafe(32))
    opened.user = user
    session.add(opened)
    session.flush()
    return key, opened


def session_of(session: Session, key: str, hours: float) -> SessionRow | None:
    """The open session of a cookie that was used within `hours`; None if there is none."""
    row = session.scalar(select(SessionRow).where(SessionRow.hash == hashed_key(key)))
    if row is None or row.user.disabled or row.seen < now() - timedelta(hours=hours):
        return None
    return row


def end_sessions(session: Session, user: UserRow) -> None:
    """Log a user out everywhere."""
    session.execute(delete(SessionRow).where(SessionRow.user_id == user.id))


def add_token(
    session: Session, user: UserRow, label: str, days: float | None = None
) -> tuple[str, TokenRow]:
    """A new token for a program that acts for `user`; it is shown once and kept as a hash.

    days: after which it ends, None for never.
    """
    key = f"dv_{secrets.token_urlsafe(32)}"
    expires = None if days is None else now() + timedelta(days=days)
    row = TokenRow(user_id=user.id, label=label[:64], hash=hashed_key(key), expires=expires)
    session.add(row)
    session.flush()
    return key, row


def token_of(session: Session, key: str) -> TokenRow | None:
    """What is known of a token; None if it is unknown, revoked, expired, or its user is disabled."""
    row = session.scalar(select(TokenRow).where(TokenRow.hash == hashed_key(key)))
    return None if row is None or why_closed(row) else row


def why_closed(row: TokenRow) -> str:
    """Why a token lets nobody in; empty if it does."""
    if row.revoked:
        return "revoked"
    if row.user.disabled:
        return "its user is disabled"
    return "expired" if row.expires is not None and row.expires < now() else ""


def revoke_token(session: Session, number: int) -> TokenRow:
    """Let a token open nothing any more; UsageError if there is none of this number, or it does so already."""
    row = session.get(TokenRow, number)
    if row is None:
        raise UsageError(f"there is no token {number}: `deepvein users tokens` lists all")
    if row.revoked:
        raise UsageError(f"token {number} is revoked already")
    row.revoked = True
    return row


def hashed_key(key: str) -> str:
    """What is kept of a random key of 256 bits; it needs no salt."""
    return hashlib.sha256(key.encode()).hexdigest()


def _hashed(password: str) -> str:
    fewest, most = PASSWORD_LENGTH
    if not fewest <= len(password) <= most:
        raise UsageError(
            f"a password has {fewest} to {most} characters, this one has {len(password)}"
        )
    return _hasher().hash(password)


@cache
def _nobody() -> str:
    """A hash of the usual cost whose password nobody knows."""
    return _hasher().hash(secrets.token_urlsafe(32))


def _verify(kept: str, password: str) -> bool:
    from argon2.exceptions import VerificationError

    if len(password) > PASSWORD_LENGTH[1]:
        return False
    try:
        return _hasher().verify(kept, password)
    except VerificationError:
        return False


def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=COST.passes, memory_cost=COST.memory_kib, parallelism=1)
