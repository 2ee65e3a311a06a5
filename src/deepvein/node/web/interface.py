"""The description of the interface (OpenAPI), for whoever writes a program against it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from deepvein.node.web.answers import refusals
from deepvein.node.web.caller import Reader

router = APIRouter(prefix="/api/openapi.json", tags=["interface"], responses=refusals(401))


@router.get("")
def interface(caller: Reader, request: Request) -> dict[str, Any]:
    """Every address below /api with what goes in and what comes out, in OpenAPI 3.1."""
    del caller
    described: dict[str, Any] = request.app.openapi()
    return described
