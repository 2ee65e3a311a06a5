"""The work list: studies with how far they are and what was found, most urgent first."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, StringConstraints

from deepvein.node.states import StudyState
from deepvein.node.web.answers import STORABLE, refusals
from deepvein.node.web.caller import Reader
from deepvein.node.worklist import Wanted, counted, entries

if TYPE_CHECKING:
    from deepvein.node.database.database import Database

router = APIRouter(prefix="/api/studies", tags=["work list"], responses=refusals(401, 422))

Status = Literal["receiving", "queued", "running", "screened", "reviewed", "failed", "left_out"]


class Listed(BaseModel):
    """One study in the list."""

    id: int
    study_uid: str
    patient_id: str
    patient_name: str
    sex: str
    age: int | None
    accession_number: str
    study_date: str
    description: str
    state: StudyState
    status: Status
    reason: str
    received: datetime
    instances: int
    priority: int | None
    verdict: str | None
    probability: float | None
    findings: int | None
    places: str | None
    extent_mm: float | None
    result_id: int | None
    review: str
    reviewer: str
    deliveries: dict[str, str]


class Asked(BaseModel):
    """Which page of the list: status None for all; from the end of the order unless `ascending`; search: words
    that all stand in name, number, accession number, description or places."""

    status: Status | None = None
    order: Literal["urgency", "newest", "patient", "date", "probability"] = "urgency"
    ascending: bool = False
    search: Annotated[str, StringConstraints(max_length=200, pattern=STORABLE)] = ""
    offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 100


@router.get("")
def studies(
    caller: Reader, request: Request, response: Response, asked: Annotated[Asked, Query()]
) -> list[Listed]:
    """A page of the list; the header x-total-count tells how many studies there are on all pages.

    That it was seen goes into the audit log.
    """
    database: Database = request.app.state.database
    wanted = Wanted(**asked.model_dump())
    with database.reading() as session:
        page = [Listed(**vars(one)) for one in entries(session, wanted)]
        response.headers["x-total-count"] = str(counted(session, wanted))
    with database.writing() as session:
        caller.did(session, "list", detail=f"{len(page)} studies from {wanted.offset}")
    return page
