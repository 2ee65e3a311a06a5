"""What readers decide, draw and sign. Every change names the version that was seen; 409 tells of another."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.exc import IntegrityError

from deepvein.core.errors import DeepveinError, UsageError
from deepvein.node.audit import Deed, record
from deepvein.node.database.schema import ReviewRow
from deepvein.node.reviews import store
from deepvein.node.reviews.signing import Signer, sign
from deepvein.node.web.answers import STORABLE, refusals
from deepvein.node.web.caller import Reader
from deepvein.node.web.studies import (
    ReviewState,
    Slice,
    StudyId,
    folder_of,
    review_state,
    screened,
    viewed,
)  # fmt: skip

if TYPE_CHECKING:
    from deepvein.node.database.database import Database


Version = Annotated[int, Field(ge=0, le=2**31 - 1)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=64, pattern=r"^[^\^=\\\x00-\x1f]*$")
]
Comment = Annotated[str, StringConstraints(max_length=2000, pattern=STORABLE)]
Number = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,2}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Accepted(_Body):
    """A finding that stays."""

    choice: Literal["accepted"]
    reason: Literal[""] = ""
    comment: Comment = ""


class Rejected(_Body):
    """A finding that goes, and why."""

    choice: Literal["rejected"]
    reason: Literal["mixing", "artefact", "not_a_vein", "chronic", "too_faint", "other"]
    comment: Comment = ""


DecisionBody = Annotated[Accepted | Rejected, Field(discriminator="choice")]


class ReviewBody(_Body):
    """All that is said in words. verdict: empty for what follows from the findings."""

    version: Version
    decisions: Annotated[
        dict[Number, DecisionBody], Field(json_schema_extra={"additionalProperties": False})
    ] = {}
    verdict: Literal["", "suspected", "not_suspected", "not_assessable"] = ""
    comment: Comment = ""


class SignBody(_Body):
    """Who signs, as the report names them."""

    version: Version
    family_name: Annotated[Name, Field(min_length=1)]
    given_name: Name = ""
    organization: Annotated[Name, Field(min_length=1)]


class VersionBody(_Body):
    """The version that was seen."""

    version: Version


class Conflict(BaseModel):
    """Why not; review: how it stands where somebody changed it meanwhile."""

    detail: str
    review: ReviewState | None = None


router = APIRouter(
    prefix="/api/studies/{study_id}/review",
    tags=["review"],
    responses={
        **refusals(400, 401, 403, 404, 413, 422),
        409: {"model": Conflict, "description": "somebody changed it meanwhile, or it cannot be"},
    },
)


def _conflict(error: store.ReviewConflictError) -> JSONResponse:
    now = review_state(error.current)
    return JSONResponse({"detail": str(error), "review": now.model_dump()}, 409)


@router.put("", response_model=ReviewState)
def put_review(
    study_id: StudyId, body: ReviewBody, caller: Reader, request: Request
) -> ReviewState | JSONResponse:
    """Save decisions, verdict and comment."""
    database: Database = request.app.state.database
    study, result = screened(request, study_id)
    said = {number: one.model_dump() for number, one in body.decisions.items()}
    changes = store.Changes(said, body.verdict, body.comment)
    try:
        with database.writing() as session:
            row = store.save(session, result, body.version, changes, caller.name)
            caller.did(session, "review", study.uid, f"version {row.version}")
    except store.ReviewConflictError as error:
        return _conflict(error)
    except IntegrityError:
        return _conflict(_begun(request, result.id))
    return review_state(row)


@router.put(
    "/marks",
    response_model=ReviewState,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    },
)
async def put_marks(
    study_id: StudyId,
    caller: Reader,
    request: Request,
    version: Annotated[int, Query(ge=0, le=2**31 - 1)],
    first: Slice,
    last: Slice,
    grid: Annotated[str, Query(min_length=32, max_length=32)],
) -> ReviewState | JSONResponse:
    """Save what was drawn on slices `first` to before `last`: one byte a voxel, zlib-compressed.

    grid: that of the study's view; marks that were drawn on another one are refused.
    """
    from fastapi.concurrency import run_in_threadpool

    study, result = await run_in_threadpool(screened, request, study_id)
    view = await run_in_threadpool(viewed, request, result)
    if grid != view.plain["grid"]:
        raise HTTPException(409, "these marks were drawn on another study or on other images of it")
    try:
        first, last = view.check_slab(first, last)
    except UsageError as error:
        raise HTTPException(422, str(error)) from error
    shape = (last - first, *view.grid.shape[1:])
    slab = _inflated(await _body(request, int(np.prod(shape)) // 100 + 2**20), shape)
    database: Database = request.app.state.database
    drawn = store.Drawn(view, first, slab)
    try:
        row = await run_in_threadpool(
            store.save_slab, database, folder_of(request), result, version, drawn, caller.name
        )
    except store.ReviewConflictError as error:
        return _conflict(error)
    except IntegrityError:
        return _conflict(_begun(request, result.id))

    def told() -> None:
        with database.writing() as session:
            caller.did(session, "draw", study.uid, f"version {row.version}")

    await run_in_threadpool(told)
    return review_state(row)


async def _body(request: Request, most: int) -> bytes:
    """The request's body; 413 beyond `most` bytes, which no drawing takes once it is compressed."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise HTTPException(413, f"more than {most} bytes of marks")
        parts.append(part)
    return b"".join(parts)


def _inflated(packed: bytes, shape: tuple[int, ...]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    wanted = int(np.prod(shape))
    inflater = zlib.decompressobj()
    try:
        # One byte more than wanted tells what is too long, and never more is unpacked.
        plain = inflater.decompress(packed, wanted + 1)
    except zlib.error as error:
        raise HTTPException(422, "the marks are not zlib-compressed bytes") from error
    if len(plain) != wanted or not inflater.eof:
        raise HTTPException(422, f"{wanted} voxels are wanted, one byte each")
    return np.frombuffer(plain, np.uint8).reshape(shape)


@router.post("/sign", response_model=ReviewState)
def post_sign(
    study_id: StudyId, body: SignBody, caller: Reader, request: Request
) -> ReviewState | JSONResponse:
    """Sign: verified SR and corrected SEG are written and delivered."""
    database: Database = request.app.state.database
    study, result = screened(request, study_id)
    with database.reading() as session:
        row = store.current_review(session, result.id)
    if row is None:
        raise HTTPException(409, "there is no review to sign: decide on the findings first")
    signer = Signer(caller.name, (body.family_name, body.given_name), body.organization)
    try:
        signed = sign(database, request.app.state.settings, row.id, body.version, signer)
    except store.ReviewConflictError as error:
        return _conflict(error)
    except DeepveinError as error:
        with database.writing() as session:
            record(session, Deed("sign", caller.name, caller.address, study.uid, "failure"))
        raise HTTPException(409, str(error)) from error
    with database.writing() as session:
        caller.did(session, "sign", study.uid, f"review {signed.uid}")
    return review_state(signed)


@router.post("/reopen", response_model=ReviewState)
def post_reopen(
    study_id: StudyId, body: VersionBody, caller: Reader, request: Request
) -> ReviewState | JSONResponse:
    """Begin an amendment of what was signed; what was signed stays."""
    database: Database = request.app.state.database
    study, result = screened(request, study_id)
    try:
        with database.writing() as session:
            row = store.reopen(session, result, body.version, caller.name)
            caller.did(session, "reopen", study.uid)
    except store.ReviewConflictError as error:
        return _conflict(error)
    return review_state(row)


def _begun(request: Request, result_id: int) -> store.ReviewConflictError:
    """Another reader began the review in the same moment."""
    database: Database = request.app.state.database
    with database.reading() as session:
        current: ReviewRow | None = store.current_review(session, result_id)
    return store.ReviewConflictError(current)
