from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request

import pytest
from sqlalchemy import select

from deepvein.core.errors import UsageError
from deepvein.node.accounts import FAILURES, add_user
from deepvein.node.database.people import FailedLoginRow
from deepvein.node.settings import NodeSettings, WebSettings
from deepvein.node.states import Role
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


def log_in(port: int, password: str, **headers: str) -> tuple[int, str]:
    """Status, and the cookie that is set."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/session",
        json.dumps({"name": "anna", "password": password}).encode(),
        {"content-type": "application/json", **headers},
    )
    try:
        with urllib.request.urlopen(asked) as answer:  # noqa: S310
            return answer.status, answer.headers["set-cookie"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""


@pytest.mark.parametrize(
    ("proxies", "believed"), [(("127.0.0.1",), True), (("127.0.0.0/8",), True), ((), False)]
)
def test_a_proxy_of_ours_is_believed_who_asks_and_nobody_else(
    database, tmp_path, proxies, believed
):
    """All readers would be one address otherwise, which five wrong passwords of one shut out."""
    with database.writing() as session:
        add_user(session, "anna", "correct horse battery", Role.READER)
    web = WebServer(NodeSettings(tmp_path, web=WebSettings(port=0, proxies=proxies)), database)
    web.start()
    try:
        forwarded = {"x-forwarded-for": "10.9.8.7", "x-forwarded-proto": "https"}
        assert log_in(web.port, "wrong", **forwarded)[0] == 401
        status, cookie = log_in(web.port, "correct horse battery", **forwarded)
        assert status == 200
        assert ("Secure" in cookie) is believed
        for _ in range(FAILURES):
            log_in(web.port, "wrong", **{"x-forwarded-for": "10.0.0.1"})
        with database.reading() as session:
            told = set(session.scalars(select(FailedLoginRow.address)))
        assert told == ({"10.0.0.1"} if believed else {"127.0.0.1"})
    finally:
        web.stop()
