"""An archive of a test: takes C-STORE, and answers as the test wants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pynetdicom import AE, AllStoragePresentationContexts, evt


class Archive:
    """Listens within `with`; `stored` counts by SOP Instance UID what it has said yes to.

    answer: called with the number of the request, from 1; gives the status, or None to break off.
    """

    def __init__(self, answer: Callable[[int], int | None] = lambda number: 0x0000) -> None:
        self.answer = answer
        self.requests = 0
        self.stored: dict[str, int] = {}
        self.port = 0
        self._server: Any = None

    def __enter__(self) -> Archive:
        entity = AE(ae_title="ARCHIVE")
        entity.supported_contexts = AllStoragePresentationContexts
        self._server = entity.start_server(
            ("127.0.0.1", self.port), block=False, evt_handlers=[(evt.EVT_C_STORE, self._stored)]
        )
        self.port = self._server.server_address[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()

    def _stored(self, event: Any) -> int:
        self.requests += 1
        status = self.answer(self.requests)
        if status is None:
            event.assoc.abort()
            return 0x0110
        if status == 0x0000 or status >> 12 == 0xB:
            uid = event.request.AffectedSOPInstanceUID
            self.stored[uid] = self.stored.get(uid, 0) + 1
        return status
