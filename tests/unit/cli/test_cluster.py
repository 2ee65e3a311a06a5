"""Whose processes are taken; clusters that answer are tested with `node.cluster`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from deepvein.cli.cluster import workforce
from deepvein.cli.main import app
from deepvein.node.cluster import connection
from unit.pickling import Pickling

COMMANDS = (
    "screen in --out out",
    "evaluate run --cohort cohort",
    "phantom cohort ct --out out --write nifti",
    "reproduce huang2019 --out out",
    "tune deepvein/ct-segmenter --cohort cohort --out out",
)


def test_without_a_cluster_it_is_a_number() -> None:
    with workforce(None, None, default=3) as some, workforce(None, 2) as two:
        assert (some, two) == (3, 2)


def test_a_cluster_is_joined_with_what_was_said_and_left(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[object] = []
    joined = Pickling()

    @contextmanager
    def connected(*told: object) -> Iterator[Pickling]:
        heard.extend(told)
        yield joined
        heard.append("left")

    monkeypatch.setattr(connection, "connected", connected)
    with workforce("ray://head:10001", 4, device="cpu") as given:
        assert given is joined
    assert heard == ["ray://head:10001", "cpu", 4, "left"]


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_that_take_it_say_so(command: str) -> None:
    name = command.split()[: 2 if command.startswith(("phantom", "reproduce")) else 1]
    told = CliRunner().invoke(app, [*name, "--help"])
    assert "--cluster" in told.output
