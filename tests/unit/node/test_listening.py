from __future__ import annotations

import errno
import socket

import pytest

from deepvein.core.errors import UsageError
from deepvein.node.listening import cannot_listen


@pytest.mark.parametrize(
    ("error", "port", "wanted"),
    [
        (socket.gaierror(-2, "Name or service not known"), 11112, "address of this machine"),
        (OSError(errno.EADDRNOTAVAIL, "Cannot assign"), 11112, "address of this machine"),
        (PermissionError(errno.EACCES, "Permission denied"), 104, "CAP_NET_BIND_SERVICE"),
        (OSError(errno.EADDRINUSE, "Address already in use"), 11112, "end what listens there"),
        (OSError(errno.EIO, "Input/output error"), 11112, "another host or port"),
    ],
)
def test_what_would_work_depends_on_why_it_does_not(error, port, wanted):
    told = cannot_listen("10.0.0.1", port, error)
    assert isinstance(told, UsageError)
    assert f"cannot listen on 10.0.0.1:{port} ({error.strerror}): " in str(told)
    assert wanted in str(told)
