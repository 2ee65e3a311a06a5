"""Log-in and log-out of browsers, and who one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, StringConstraints
from sqlalchemy import delete

from deepvein.node.accounts import LoginRefusedError, TooManyAttemptsError, hashed_key, log_in
from deepvein.node.audit import Deed, record
from deepvein.node.database.people import SessionRow
from deepvein.node.web.answers import STORABLE, refusals
from deepvein.node.web.caller import COOKIE, Reader, address_of

if TYPE_CHECKING:
    from deepvein.node.database.database import Database

router = APIRouter(prefix="/api/session", tags=["session"], responses=refusals(401))


class Credentials(BaseModel):
    """What a person types in."""

    name: Annotated[str, StringConstraints(max_length=64, pattern=STORABLE)]
    password: Annotated[str, StringConstraints(max_length=1024)]


class Opened(BaseModel):
    """Who is logged in, and the token that changing requests carry in the header x-csrf-token."""

    name: str
    role: str
    csrf: str


@router.post("", responses=refusals(400, 413, 422, 429))
def open_session(given: Credentials, request: Request, response: Response) -> Opened:
    """Log in; 401 for wrong credentials, 429 after too many of them."""
    database: Database = request.app.state.database
    address = address_of(request)
    refused: LoginRefusedError | None = None
    with database.writing() as session:
        try:
            key, opened = log_in(session, given.name, given.password, address)
            answer = Opened(name=opened.user.name, role=opened.user.role, csrf=opened.csrf)
        except LoginRefusedError as error:
            refused = error
        outcome = "success" if refused is None else "failure"
        record(session, Deed("log-in", given.name, address, outcome=outcome))
    if refused is not None:
        raise HTTPException(429 if isinstance(refused, TooManyAttemptsError) else 401, str(refused))
    web = request.app.state.settings.web
    response.set_cookie(
        COOKIE,
        key,
        path="/",
        httponly=True,
        samesite="strict",
        # A browser would drop a secure cookie over plain HTTP.
        secure=web.certificate is not None or request.url.scheme == "https",
    )
    return answer


@router.get("")
def current_session(caller: Reader) -> Opened:
    """Who is logged in; 401 for nobody."""
    return Opened(name=caller.name, role=caller.role, csrf=caller.csrf)


@router.delete("", status_code=204, responses=refusals(403))
def close_session(caller: Reader, request: Request, response: Response) -> None:
    """Log out."""
    database: Database = request.app.state.database
    with database.writing() as session:
        key = request.cookies.get(COOKIE, "")
        session.execute(delete(SessionRow).where(SessionRow.hash == hashed_key(key)))
        caller.did(session, "log-out")
    response.delete_cookie(COOKIE, path="/")
