"""The work list: studies with how far they are and what was found, most urgent first."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from deepvein.node.states import StudyState
from deepvein.node.web.caller import Reader
from deepvein.node.worklist import ORDERS, Wanted, entries

if TYPE_CHECKING:
    from deepvein.node.database.database import Database

router = APIRouter(prefix="/api/studies", tags=["work list"])


class Listed(BaseModel):
    """One study in the list."""

    id: int
    study_uid: str
    patient_id: str
    patient_name: str
    accession_number: str
    study_date: str
    description: str
    state: StudyState
    reason: str
    received: datetime
    instances: int
    priority: int | None
    verdict: str | None
    probability: float | None
    findings: int | None
    places: str | None
    result_id: int | None
    deliveries: dict[str, str]


@router.get("")
def studies(
    caller: Reader,
    request: Request,
    state: StudyState | None = None,
    order: Annotated[str, Query(pattern="|".join(ORDERS))] = "urgency",
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[Listed]:
    """A page of the list; that it was seen goes into the audit log."""
    database: Database = request.app.state.database
    with database.reading() as session:
        page = [
            Listed(**vars(one)) for one in entries(session, Wanted(state, order, offset, limit))
        ]
    with database.writing() as session:
        caller.did(session, "list", detail=f"{len(page)} studies from {offset}")
    return page
