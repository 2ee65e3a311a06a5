"""Associations whose threads wait for what comes, where pynetdicom looks for it every millisecond.

A slice comes in several pieces and goes through two threads; before each look lies a millisecond of sleep.
"""

from __future__ import annotations

import contextlib
import os
import queue
import select
import socket
import ssl
import struct
import time
from collections.abc import Callable
from typing import Any

_PATIENCE_MS = 1
"""How long is waited for the peer before a look at what is to be sent: as pynetdicom has it."""

_LOOK_S = 0.01
"""How long is waited for a message before a look at whether the association ends."""


LONGEST_PDU = 2**20
"""Bytes after its head. What a head says is not believed: memory for 4 GB could be asked for."""

_SLOWEST = 1000
"""Bytes a second that a PDU must come with after its first silence: who lets it drip is given up."""

_DISCARDED = 2**16
"""Bytes at most that are forgotten at once."""

_LOOKS = 4
"""How often in the longest silence the reading thread tells that bytes have come."""

_QUICKACK = getattr(socket, "TCP_QUICKACK", None)
"""Linux: say at once that bytes have come. Most senders keep their next small piece until they hear so (Nagle's
algorithm), which otherwise takes 40 ms."""


def make_wakeful(association: Any, ended: Callable[[], None] = lambda: None) -> None:
    """Let the threads of an association that has not begun yet wait for what comes.

    ended: is called when its own thread ends; of a connection whose reading thread failed nobody tells that it
    was closed.
    """
    run = association.run

    def run_and_tell() -> None:
        try:
            run()
        finally:
            ended()

    association.run = run_and_tell
    silence_s = association.network_timeout
    _limit_silence(association.dul.socket.socket, silence_s)
    # pynetdicom's own look at silence counts whole PDUs alone.
    association.dul.socket = _Socket(
        association.dul.socket, silence_s, association.dul._idle_timer.restart
    )
    association.dul._run_loop_delay = 0.0  # `ready` waits instead
    association.dimse.msg_queue = _Messages()


def _limit_silence(connection: socket.socket, seconds: float | None) -> None:
    """Let who takes no answers be given up, where pynetdicom would wait for ever, and let waits for bytes end
    a few times in that long."""
    if seconds is not None and os.name != "nt":
        for way, limit_s in (
            (socket.SO_RCVTIMEO, seconds / _LOOKS),
            (socket.SO_SNDTIMEO, seconds),
        ):
            whole = int(limit_s)
            limit = struct.pack("@ll", whole, int((limit_s - whole) * 1e6))
            connection.setsockopt(socket.SOL_SOCKET, way, limit)


class _Messages(queue.Queue[Any]):
    """Messages that have come; who asks without waiting waits a little all the same."""

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        return super().get(True, timeout if block else _LOOK_S)


class _Socket:
    """pynetdicom's socket, which waits a little for bytes when it is asked for them, and reads many at once.

    silence_s: how long no byte may come in the middle of a PDU; None for no limit. alive: is called when some
    have come.
    """

    def __init__(
        self,
        inner: Any,
        silence_s: float | None,
        alive: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._silence_s, self._alive, self._clock = silence_s, alive, clock
        self._unread = bytearray()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @property
    def ready(self) -> bool:
        connection = self._inner.socket
        if connection is None:
            time.sleep(_PATIENCE_MS / 1000)
            return False
        if self._unread:
            return True
        # What TLS has read already nobody can wait for. It may be closed by another thread at any moment.
        with contextlib.suppress(OSError, ValueError):
            if not getattr(connection, "pending", int)():
                waiting = select.poll()
                waiting.register(connection, select.POLLIN)
                waiting.poll(_PATIENCE_MS)
        return bool(self._inner.ready)

    def unread(self, content: bytes) -> None:
        """Give bytes back, to be read again."""
        self._unread[:0] = content

    def discard(self) -> None:
        """Forget what has come; EOFError where the connection has ended."""
        connection = self._inner.socket
        if self._unread:
            self._unread.clear()
        elif connection is None or not connection.recv(_DISCARDED):
            raise EOFError

    def recv(self, count: int) -> bytearray:
        """So many bytes, fewer if the connection ends.

        OSError for more than a PDU may have, and for a peer that falls silent or lets them drip.
        """
        if count > LONGEST_PDU:
            raise ConnectionAbortedError(f"a PDU of {count} bytes: {LONGEST_PDU} are agreed on")
        connection = self._inner.socket
        if connection is None:  # another thread has closed it
            return bytearray()
        read = self._unread[:count]
        del self._unread[:count]
        there = len(read)
        read.extend(bytes(count - there))
        rest = memoryview(read)
        # Each look lets other threads in, which may stay for long: the system is asked for all at once.
        options = () if isinstance(connection, ssl.SSLSocket) else (socket.MSG_WAITALL,)
        begun_s = last_s = self._clock()
        while there < count:
            try:
                came = connection.recv_into(rest[there:], 0, *options)
            except BlockingIOError:  # nothing, in a part of the longest silence
                self._require_life(begun_s, last_s, count)
                continue
            except ConnectionResetError:  # as some balancers end what they have looked at
                break
            if not came:
                break
            there += came
            self._alive()
            last_s = self._clock()
            if there < count:
                self._require_life(begun_s, last_s, count)
            if _QUICKACK is not None:
                with contextlib.suppress(OSError):
                    connection.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        rest.release()
        del read[there:]
        return read

    def _require_life(self, begun_s: float, last_s: float, count: int) -> None:
        """TimeoutError where nothing came for too long, or all of it takes too long."""
        if self._silence_s is None:
            return
        now_s = self._clock()
        if now_s - last_s >= self._silence_s:
            raise TimeoutError("the peer fell silent in the middle of a PDU")
        if now_s - begun_s >= self._silence_s + count / _SLOWEST:
            raise TimeoutError(f"a PDU of {count} bytes comes too slowly")
