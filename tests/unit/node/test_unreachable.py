from __future__ import annotations

import socket
import ssl
import threading
import time

import pytest
import requests

from deepvein.node.unreachable import why


@pytest.fixture
def listening():
    """A port that takes connections, and what it does with each."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer(work) -> int:
            def run() -> None:
                opened, _ = server.accept()
                with opened:
                    work(opened)

            threading.Thread(target=run, daemon=True).start()
            return server.getsockname()[1]

        yield answer


def told(url: str) -> str:
    with pytest.raises(requests.RequestException) as caught:
        requests.get(url, timeout=1.0)
    return why(caught.value)


def test_a_host_that_nobody_knows_and_a_closed_port():
    assert told("http://pacs.invalid/x") in (
        "Name or service not known",
        "Temporary failure in name resolution",
    )
    assert told("http://127.0.0.1:1/x") == "Connection refused"


def test_a_peer_that_keeps_silent(listening):
    assert told(f"http://127.0.0.1:{listening(lambda _: time.sleep(2.0))}/x") == "no answer in time"


def test_a_peer_without_tls(listening):
    port = listening(lambda opened: opened.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    assert (
        told(f"https://127.0.0.1:{port}/x") == "it speaks no TLS that we know: wrong version number"
    )


def test_a_certificate_that_is_not_trusted():
    refused = ssl.SSLCertVerificationError(1, "certificate verify failed")
    refused.verify_message = "self-signed certificate"
    outer = requests.exceptions.SSLError("a long text with addresses")
    outer.__cause__ = refused
    assert why(outer) == "its certificate is not accepted: self-signed certificate"


def test_what_nobody_knows_has_its_kind_at_least():
    assert why(RuntimeError("with a patient's name")) == "RuntimeError"
