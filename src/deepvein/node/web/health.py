"""Whether the node lives and is ready, and its metrics; nothing of patients, so nobody needs to log in."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from deepvein.node.metrics import exposition

router = APIRouter(tags=["health"])


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz")
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", responses={503: {"model": dict[str, str], "description": "not ready"}})
def readyz(request: Request, response: Response) -> dict[str, str]:
    """Database and folder can be used, and workers can screen; 503 names all that cannot be."""
    found = request.app.state.look.found()
    if found:
        response.status_code = 503
    return {"status": "; ".join(found) or "ready"}


@router.head("/metrics", include_in_schema=False)
@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(request: Request) -> Response:
    """What Prometheus reads."""
    kind, content = exposition(request.app.state.database, request.app.state.settings)
    return Response(content, media_type=kind)
