"""Associations whose threads wait for what comes, where pynetdicom looks for it every millisecond.

A slice comes in several pieces and goes through two threads; before each look lies a millisecond of sleep.
"""

from __future__ import annotations

import contextlib
import queue
import select
import time
from typing import Any

_PATIENCE_MS = 1
"""How long is waited for the peer before a look at what is to be sent: as pynetdicom has it."""

_LOOK_S = 0.01
"""How long is waited for a message before a look at whether the association ends."""

_PIECE = 2**20
"""Bytes that are read at a time, in place of 4,096: after each other threads may come in."""


def make_wakeful(association: Any) -> None:
    """Let the threads of an association that has not begun yet wait for what comes."""
    association.dul.socket = _Socket(association.dul.socket)
    association.dul._run_loop_delay = 0.0  # `ready` waits instead
    association.dimse.msg_queue = _Messages()


class _Messages(queue.Queue[Any]):
    """Messages that have come; who asks without waiting waits a little all the same."""

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        return super().get(True, timeout if block else _LOOK_S)


class _Socket:
    """pynetdicom's socket, which waits a little for bytes when it is asked for them, and reads many at once."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @property
    def ready(self) -> bool:
        connection = self._inner.socket
        if connection is None:
            time.sleep(_PATIENCE_MS / 1000)
            return False
        # What TLS has read already nobody can wait for. It may be closed by another thread at any moment.
        with contextlib.suppress(OSError, ValueError):
            if not getattr(connection, "pending", int)():
                waiting = select.poll()
                waiting.register(connection, select.POLLIN)
                waiting.poll(_PATIENCE_MS)
        return bool(self._inner.ready)

    def recv(self, count: int) -> bytearray:
        """So many bytes, fewer if the connection ends."""
        read = bytearray()
        while len(read) < count:
            piece = self._inner.socket.recv(min(count - len(read), _PIECE))
            if not piece:
                break
            read += piece
        return read
