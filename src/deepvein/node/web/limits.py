"""No request fills the memory: bodies beyond a limit are refused, whoever sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import HTTPException

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 4 * 2**20
"""Of a body: 255 findings with the longest comments fit in."""

OWN_LIMIT = "/review/marks"
"""Where an address ends so, its route reads the body piece by piece and knows how large it may be."""


class BodyLimit:
    """Answers 413 as soon as more than `MOST_BYTES` have come."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].endswith(OWN_LIMIT):
            await self.app(scope, receive, send)
            return
        size = 0

        async def limited() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > MOST_BYTES:
                raise HTTPException(413, f"the body has more than {MOST_BYTES} bytes")
            return message

        await self.app(scope, limited, send)
