"""Why a port cannot be listened on, and what would work."""

from __future__ import annotations

import errno
import socket

from deepvein.core.errors import UsageError

_PRIVILEGED = 1024


def cannot_listen(host: str, port: int, error: OSError) -> UsageError:
    """The error to raise where listening has failed with `error`."""
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        wanted = "give a name or address of this machine as host, or 0.0.0.0 for all of them"
    elif error.errno == errno.EACCES and port < _PRIVILEGED:
        wanted = (
            f"choose a port from {_PRIVILEGED} on, or let the node's user listen on lower ones "
            "(AmbientCapabilities=CAP_NET_BIND_SERVICE in a systemd unit)"
        )
    elif error.errno == errno.EADDRINUSE:
        wanted = "end what listens there, which may be another node, or choose another port"
    else:
        wanted = "choose another host or port"
    return UsageError(f"cannot listen on {host}:{port} ({error.strerror}): {wanted}")
