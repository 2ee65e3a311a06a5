"""Whether the node lives and is ready, and its metrics; nothing of patients, so nobody needs to log in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from deepvein.node.metrics import exposition

if TYPE_CHECKING:
    from deepvein.node.database.database import Database
    from deepvein.node.settings import NodeSettings

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
    if not settings.folder.is_dir():
        response.status_code = 503
        return {"status": "the folder cannot be reached"}
    return {"status": "ready"}


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(request: Request) -> Response:
    """What Prometheus reads."""
    kind, content = exposition(request.app.state.database)
    return Response(content, media_type=kind)
