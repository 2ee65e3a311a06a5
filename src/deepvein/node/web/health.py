"""Whether the node lives and is ready, and its metrics; nothing of patients, so nobody needs to log in."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from deepvein.node.metrics import exposition

if TYPE_CHECKING:
    from deepvein.node.database.database import Database
    from deepvein.node.settings import NodeSettings

_LEAST_BYTES = 2**28
"""With less on the disk there is no room for a study."""

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"model": dict[str, str], "description": "not ready"}})
def readyz(request: Request, response: Response) -> dict[str, str]:
    """Database and folder can be used; 503 names what cannot."""
    database: Database = request.app.state.database
    settings: NodeSettings = request.app.state.settings
    try:
        with database.reading() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        response.status_code = 503
        return {"status": "the database cannot be reached"}
    if not os.access(settings.folder, os.W_OK | os.X_OK):
        response.status_code = 503
        return {"status": "the folder cannot be reached or written to"}
    if shutil.disk_usage(settings.folder).free < _LEAST_BYTES:
        response.status_code = 503
        return {"status": "the disk is full"}
    return {"status": "ready"}


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(request: Request) -> Response:
    """What Prometheus reads."""
    kind, content = exposition(request.app.state.database, request.app.state.settings.folder)
    return Response(content, media_type=kind)
