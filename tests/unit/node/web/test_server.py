from __future__ import annotations

import socket

import pytest

from deepvein.core.errors import UsageError
from deepvein.node.settings import NodeSettings, WebSettings
from deepvein.node.web.server import WebServer


def test_a_port_that_is_taken_is_told(database, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        web = WebSettings(port=taken.getsockname()[1])
        with pytest.raises(UsageError, match="cannot listen on 127.0.0.1:.*end what listens there"):
            WebServer(NodeSettings(tmp_path, web=web), database).start()


def test_certificates_that_cannot_be_used_are_told_at_the_start(database, tmp_path):
    """The node would go on without its page otherwise."""
    (tmp_path / "node.crt").write_text("no certificate")
    for name in ("node.crt", "gone.crt"):
        web = WebSettings(port=0, certificate=tmp_path / name, key=tmp_path / "node.crt")
        with pytest.raises(UsageError, match=rf"certificates for TLS .*{name}.* cannot be used"):
            WebServer(NodeSettings(tmp_path, web=web), database)


def test_a_server_that_does_not_come_up_is_told(database, tmp_path, monkeypatch):
    made = WebServer(NodeSettings(tmp_path, web=WebSettings(port=0)), database)
    monkeypatch.setattr(made._server, "run", lambda **_: None)
    with pytest.raises(UsageError, match="the page cannot be served"):
        made.start()
    made.stop()
