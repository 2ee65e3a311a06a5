"""Who is asking: a browser with a session, or a program with a token; and what they may do.

@router.get("/api/studies")
def studies(caller: Reader) -> ...: ...

@router.post("/api/jobs/{number}/retry")
def retry(number: int, caller: Administrator) -> ...: ...
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, HTTPException, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from sqlalchemy import update

from deepvein.node.accounts import session_of, token_of
from deepvein.node.audit import Deed, record
from deepvein.node.database.columns import now
from deepvein.node.database.people import SessionRow, TokenRow
from deepvein.node.states import Role

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from deepvein.node.database.database import Database

COOKIE = "deepvein_session"
CSRF_HEADER = "x-csrf-token"
_SAFE = {"GET", "HEAD", "OPTIONS"}
_TOUCH = timedelta(minutes=1)
"""How exactly the last use of a session or token is kept; every request would be a write otherwise."""


@dataclass(frozen=True)
class Caller:
    """An authenticated user.

    csrf: of the session, what the page sends with every change; empty for tokens, which no browser sends
    by itself.
    """

    name: str
    role: Role
    address: str
    csrf: str = ""

    def did(self, session: Session, action: str, study_uid: str = "", detail: str = "") -> None:
        """Put a deed of this user into the audit log, within the caller's writing transaction."""
        record(session, Deed(action, self.name, self.address, study_uid, detail=detail))


def address_of(request: Request) -> str:
    """The network address of a request, empty where it has none."""
    return request.client.host if request.client else ""


def caller_of(request: Request) -> Caller:
    """Who is asking; 401 for nobody, 403 for a change from a page without the session's CSRF token."""
    database: Database = request.app.state.database
    address = address_of(request)
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        with database.reading() as session:
            known = token_of(session, token.strip())
            if known is None:
                raise HTTPException(401, "the token is unknown, revoked or expired")
            caller = Caller(known.user.name, known.user.role, address)
        if known.used is None or now() - known.used > _TOUCH:
            with database.writing() as session:
                session.execute(update(TokenRow).where(TokenRow.id == known.id).values(used=now()))
        return caller
    key = request.cookies.get(COOKIE, "")
    hours = request.app.state.settings.web.session_hours
    with database.reading() as session:
        row = session_of(session, key, hours) if key else None
        if row is None:
            raise HTTPException(401, "log in first")
        caller = Caller(row.user.name, row.user.role, address, row.csrf)
        number, seen = row.id, row.seen
    given = request.headers.get(CSRF_HEADER, "")
    if request.method not in _SAFE and not secrets.compare_digest(
        given.encode(), caller.csrf.encode()
    ):
        raise HTTPException(403, f"the header {CSRF_HEADER} does not carry this session's token")
    if now() - seen > _TOUCH:
        with database.writing() as session:
            found = session.get(SessionRow, number)
            if found is not None:
                found.seen = now()
    return caller


_BY_COOKIE = APIKeyCookie(
    name=COOKIE,
    scheme_name="session",
    description=f"Of a log-in; changes carry its token in the header {CSRF_HEADER} too.",
    auto_error=False,
)
_BY_TOKEN = HTTPBearer(scheme_name="token", description="Of a program.", auto_error=False)


def _caller(
    request: Request,
    cookie: Annotated[str | None, Security(_BY_COOKIE)],
    token: Annotated[Any, Security(_BY_TOKEN)],
) -> Caller:
    """`caller_of`, with both ways in the description of the interface."""
    del cookie, token
    return caller_of(request)


def administrator_of(caller: Annotated[Caller, Depends(_caller)]) -> Caller:
    """Who is asking; 403 for who is no administrator."""
    if caller.role is not Role.ADMINISTRATOR:
        raise HTTPException(403, "this needs the role administrator")
    return caller


Reader = Annotated[Caller, Depends(_caller)]
Administrator = Annotated[Caller, Depends(administrator_of)]
