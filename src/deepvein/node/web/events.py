"""Server-sent events: the page is told that something changed, and asks what."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from sqlalchemy import func, select

from deepvein.node.database.schema import (
    DeliveryRow,
    JobRow,
    ResultRow,
    ReviewRow,
    StudyRow,
)
from deepvein.node.web.answers import refusals
from deepvein.node.web.caller import Reader, caller_of

if TYPE_CHECKING:
    from deepvein.node.database.database import Database

router = APIRouter(prefix="/api/events", tags=["events"], responses=refusals(401, 422))

EVERY_S = 1.0
"""How often the database is looked at; several machines may change it, so that it alone knows."""

BEATS = 15
"""After so many looks the session is looked at again, and something is sent if nothing has changed, which shows
both ends that the other is there."""

EVENT = {
    "type": "object",
    "properties": {"event": {"const": "changed"}, "data": {"type": "string"}},
    "required": ["event", "data"],
}
"""What one event is."""


@router.get(
    "",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": EVENT}}}},
)
async def events(caller: Reader, request: Request, once: bool = False) -> StreamingResponse:
    """`changed` whenever studies, jobs, results, reviews or deliveries have. once: only as it is now."""
    del caller
    return StreamingResponse(_events(request, once), media_type="text/event-stream")


async def _events(request: Request, once: bool) -> AsyncIterator[str]:
    database: Database = request.app.state.database
    seen = ""
    for look in itertools.count(1):
        if await request.is_disconnected():
            return
        # However much happens: who was shut out hears no more of it.
        if look % BEATS == 0 and not await run_in_threadpool(_still_in, request):
            return
        stamp = await run_in_threadpool(_stamp, database)
        if stamp != seen:
            seen = stamp
            yield f"event: changed\ndata: {stamp}\n\n"
        elif look % BEATS == 0:
            yield ": still here\n\n"
        if once:
            return
        await asyncio.sleep(EVERY_S)


def _still_in(request: Request) -> bool:
    from fastapi import HTTPException

    try:
        caller_of(request)
    except HTTPException:
        return False
    return True


def _stamp(database: Database) -> str:
    """Differs after every change that a page shows."""
    with database.reading() as session:
        told: list[Any] = [
            str(session.scalar(select(func.max(table.changed)))) for table in (StudyRow, ReviewRow)
        ]
        told.append(session.scalar(select(func.max(ResultRow.id))))
        for table in (StudyRow, JobRow, DeliveryRow):
            counts = session.execute(select(table.state, func.count()).group_by(table.state))
            told.append(sorted((state.value, count) for state, count in counts))
    return json.dumps(told)
