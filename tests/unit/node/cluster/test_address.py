from __future__ import annotations

import pytest

from deepvein.core.errors import UsageError
from deepvein.node.cluster.address import Address


def test_processes_of_this_machine_or_a_cluster_that_runs() -> None:
    assert Address.parse("local:4") == Address(processes=4)
    assert Address.parse("ray://head.example:10001") == Address(url="ray://head.example:10001")
    assert Address.parse("10.0.0.7:6379") == Address(url="10.0.0.7:6379")
    assert [str(Address.parse(text)) for text in ("local:4", "ray://a:1")] == [
        "local:4",
        "ray://a:1",
    ]


@pytest.mark.parametrize(
    "text",
    ["", "local", "local:0", "local:-1", "local:two", "ray://head", "http://head:1", "a b:1"],
)
def test_anything_else_is_told_what_would_work(text: str) -> None:
    with pytest.raises(UsageError, match=r"local:N .* ray://HOST:PORT"):
        Address.parse(text)


def test_loopback_is_known() -> None:
    inside = ("local:2", "127.0.0.1:6379", "ray://localhost:10001")
    assert all(Address.parse(text).is_loopback for text in inside)
    assert not Address.parse("ray://10.0.0.7:10001").is_loopback
