"""What machines give, and who is refused; clusters that answer are in `test_cluster`."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

from deepvein.core.errors import MissingExtraError, UsageError
from deepvein.node.cluster.connection import connected, machines


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
