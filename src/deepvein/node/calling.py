"""Associations that the node itself opens, to archives."""

from __future__ import annotations

import socket
from typing import Any


def prepare(event: Any) -> None:
    """Make an association ready that has just been connected; for pynetdicom's EVT_CONN_OPEN.

    Its last piece goes out at once, and its answers reach who asked.
    """
    association = event.assoc
    # The last piece of an object need not wait until the peer has told of those before (40 ms each).
    association.dul.socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    get = association.dimse.get_msg

    def get_unless_awaited(block: bool = False) -> Any:
        """pynetdicom 3.0.4 has a thread that looks for what the peer asks, and halts it for the time of a
        question of ours; that thread may be past the halt by then, and would throw the answer away."""
        return (
            get(block=block) if block or association._reactor_checkpoint.is_set() else (None, None)
        )

    association.dimse.get_msg = get_unless_awaited
