"""What refusals look like, for the description of the interface: every answer that may come stands in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fastapi import Response
from pydantic import BaseModel

if TYPE_CHECKING:
    from fastapi import Request


class Refusal(BaseModel):
    """Why nothing was done."""

    detail: str


class Fault(BaseModel):
    """What is wrong with one value of a request; loc: where it stands."""

    loc: list[str | int]
    msg: str
    type: str


class Unfit(BaseModel):
    """The request does not fit: in words, or value by value."""

    detail: str | list[Fault]


STORABLE = r"^[^\x00]*$"
"""Texts that every database can hold."""

_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Refusal, "description": "the body cannot be read"},
    401: {"model": Refusal, "description": "nobody is logged in, or the token is not known"},
    403: {"model": Refusal, "description": "the session's token is missing, or the role"},
    404: {"model": Refusal, "description": "there is no such thing"},
    409: {"model": Refusal, "description": "not as things stand; the detail says why"},
    413: {"model": Refusal, "description": "the body is too large"},
    422: {"model": Unfit, "description": "the request does not fit"},
    429: {"model": Refusal, "description": "too many failed log-ins"},
}


async def unfit(request: Request, error: Any) -> Response:
    """422 for a RequestValidationError, without what came in: it may be a password, or no text at all."""
    del request
    told = [{name: one[name] for name in ("loc", "msg", "type")} for one in error.errors()]
    # ASCII alone: names of values may hold half a character, which UTF-8 cannot say.
    return Response(json.dumps({"detail": told}), 422, media_type="application/json")


def refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    """How a route refuses, for its `responses`."""
    return {code: _REFUSALS[code] for code in codes}
