"""What machines give, and who is refused; clusters that answer are in `test_cluster`."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from deepvein.core.errors import MissingExtraError, UsageError
from deepvein.node.cluster.connection import connected, machines
from deepvein.node.cluster.versions import Versions


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


def test_what_ray_refuses_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the two kinds of text that Ray has: lines, and a traceback of another machine."""
    texts = {
        "Version mismatch:\n    Ray: 2.52.0\n": r"ray://head:10001: Version mismatch: Ray: 2\.52\.0$",
        "Failure:\nTraceback (most recent call last):\n  x\nRuntimeError: no room": r": RuntimeError: no room$",
        "": r": ConnectionError$",
    }
    for text, expected in texts.items():

        def init(*_: object, text: str = text, **__: object) -> None:
            raise ConnectionError(text)

        monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(init=init))
        with pytest.raises(UsageError, match=expected), connected("ray://head:10001"):
            pass


def test_a_cluster_elsewhere_without_a_token_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    joined = SimpleNamespace(init=lambda *_, **__: None, shutdown=lambda: None)
    monkeypatch.setitem(sys.modules, "ray", joined)
    monkeypatch.setattr(Versions, "here", lambda: Versions("1", "1", "1", "1"))
    for mode, warned in (("token", False), ("disabled", True)):
        monkeypatch.setenv("RAY_AUTH_MODE", mode)
        with connected("ray://head:10001"):
            assert ("without a token" in caplog.text) is warned
