"""What machines give, and who is refused; clusters that answer are in `test_cluster`."""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from deepvein.core.errors import MissingExtraError, UsageError
from deepvein.node.cluster import connection
from deepvein.node.cluster.connection import connected, machines
from deepvein.node.cluster.versions import Versions


@pytest.fixture
def listening() -> Iterator[str]:
    """The address of somebody who listens, and is no Ray."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"ray://127.0.0.1:{server.getsockname()[1]}"


def node(name: str, alive: bool = True, **resources: float) -> dict[str, Any]:
    return {
        "NodeID": f"id-{name}",
        "NodeManagerHostname": name,
        "Alive": alive,
        "Resources": {"memory": 64e9, **resources},
    }


def test_one_worker_a_graphics_processor_and_elsewhere_one_a_core_as_memory_allows() -> None:
    nodes = [
        node("graphics", CPU=16, GPU=2),
        node("cores", CPU=8),
        node("small", CPU=8, memory=6e9),
        node("tiny", CPU=8, memory=1e9),
        node("gone", alive=False, CPU=8),
        node("head", CPU=0),
    ]
    found = {
        one.name: (one.workers, one.threads, one.graphics) for one in machines(nodes, "auto", None)
    }
    assert found == {
        "graphics": (2, 8, True),
        "cores": (8, 1, False),
        "small": (2, 4, False),
        "tiny": (1, 8, False),
    }
    plain = {one.name: one for one in machines(nodes, "cpu", None)}
    assert (plain["graphics"].workers, plain["graphics"].graphics) == (16, False)
    assert plain["small"].room == 6e9
    few = {one.name: one.workers for one in machines(nodes, "auto", 4)}
    assert few == {"graphics": 2, "cores": 4, "small": 4, "tiny": 4}


def test_what_cannot_be_connected_is_told_before_ray_is_loaded() -> None:
    for address, workers, text in (("local", None, "is no cluster"), ("local:2", 3, "leave out")):
        with pytest.raises(UsageError, match=text), connected(address, workers=workers):
            pass


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    before = dict(os.environ)
    with pytest.raises(MissingExtraError, match=r"deepvein\[cluster\]"), connected("local:2"):
        pass
    assert dict(os.environ) == before


def test_what_ray_refuses_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, listening: str
) -> None:
    """With the two kinds of text that Ray has: lines, and a traceback of another machine."""
    texts = {
        "Version mismatch:\n    Ray: 2.52.0\n": r": Version mismatch: Ray: 2\.52\.0; install the same",
        "ray client connection timeout": r"lets no Ray client in that comes without a token: .*RAY_AUTH",
        "Failure:\nTraceback (most recent call last):\n  x\nRuntimeError: no room": r": RuntimeError: no room$",
        "": r": ConnectionError$",
    }
    for text, expected in texts.items():

        def init(*_: object, text: str = text, **__: object) -> None:
            raise ConnectionError(text)

        monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(init=init))
        with pytest.raises(UsageError, match=expected), connected(listening):
            pass


@pytest.mark.parametrize("failures", [1, 2, 3])
@pytest.mark.parametrize(
    "told",
    [
        "RuntimeError: Starting Ray client server failed. See x.",
        "RuntimeError: Proxy failed to Connect to backend! Check x.",
        "psutil.ZombieProcess: PID still exists but it's a zombie (pid=13767)",
        "psutil.NoSuchProcess: process no longer exists (pid=13767)",
    ],
)
def test_a_head_whose_server_for_a_client_does_not_start_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, listening: str, failures: int, told: str
) -> None:
    """In the words of Ray 2.60, whose head looks at a server that may end before, while or after it looks."""
    monkeypatch.setattr(connection, "_PAUSE_S", 0.0)
    asked: list[int] = []

    def init(*_: object, **__: object) -> None:
        asked.append(1)
        if len(asked) <= failures:
            raise ConnectionAbortedError(f"Traceback (most recent call last):\n{told}")

    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(init=init, shutdown=lambda: None))
    monkeypatch.setattr(Versions, "here", lambda: Versions("1", "1", "1", "1"))
    if failures < 3:
        with connected(listening):
            assert len(asked) == failures + 1
    else:
        with pytest.raises(UsageError, match=re.escape(told)), connected(listening):
            pass


def test_an_address_at_which_nobody_listens_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def init(*_: object, **__: object) -> None:
        raise AssertionError("Ray was asked")

    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(init=init))
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))  # bound, and not listening
        addresses = (f"ray://127.0.0.1:{one.getsockname()[1]}", "ray://127.0.0.1:99999")
        for address in addresses:
            told = "nobody answers .* --ray-client-server-port"
            with pytest.raises(UsageError, match=told), connected(address):
                pass


def test_a_cluster_elsewhere_without_a_token_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    joined = SimpleNamespace(init=lambda *_, **__: None, shutdown=lambda: None)
    monkeypatch.setitem(sys.modules, "ray", joined)
    monkeypatch.setattr(Versions, "here", lambda: Versions("1", "1", "1", "1"))
    for mode, warned in (("token", False), ("disabled", True)):
        monkeypatch.setenv("RAY_AUTH_MODE", mode)
        with connected("head:6379"):
            assert ("without a token" in caplog.text) is warned


def test_the_token_is_passed_on_and_usage_statistics_are_off(
    monkeypatch: pytest.MonkeyPatch, listening: str
) -> None:
    told: dict[str, str] = {}
    joined = SimpleNamespace(init=lambda *_, **__: told.update(os.environ), shutdown=lambda: None)
    monkeypatch.setitem(sys.modules, "ray", joined)
    monkeypatch.setattr(Versions, "here", lambda: Versions("1", "1", "1", "1"))
    mine = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "secret", "RAY_AUTH_TOKEN_PATH": "/a/token"}
    for name, value in mine.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "1")
    with connected(listening):
        pass
    assert mine.items() <= told.items()
    assert told["RAY_USAGE_STATS_ENABLED"] == "0"
