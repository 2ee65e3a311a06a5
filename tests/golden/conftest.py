"""What the golden tests share: the door to the software, and records that are compared or made anew.

A record lies beside the test. `pytest tests/golden --record-golden` writes all of them from what the
software gives now; the difference in version control then says what has changed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app

RECORDS = Path(__file__).parent
MISSING = "nothing"
SHOWN = 20
"""Differences that a failure lists."""


@dataclass(frozen=True)
class Golden:
    """Compares with the records, or writes them."""

    records: bool

    def check(self, name: str, found: Any, relative: float = 0.0) -> None:
        """Fail if `found`, made of JSON's types, differs from the record `name`.

        relative: how far floating-point numbers may lie apart; 0 for equal to the last digit. Whole
        numbers, texts, lengths and names are always equal.
        """
        path = RECORDS / f"{name}.json"
        text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
        if self.records:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        if not path.exists():
            pytest.fail(f"{path.name} is not recorded: run pytest with --record-golden")
        record = json.loads(path.read_text(encoding="utf-8"))
        told = list(differences(record, json.loads(text), relative))
        if told:
            more = [f"and {len(told) - SHOWN} more"] if len(told) > SHOWN else []
            pytest.fail("\n".join([f"{path.name} differs:", *told[:SHOWN], *more]), pytrace=False)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    return Golden(request.config.getoption("--record-golden"))


@pytest.fixture
def deepvein() -> Callable[..., str]:
    """Runs a command that has to succeed; returns what it prints."""

    def run(*arguments: object) -> str:
        done = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


def differences(record: Any, found: Any, relative: float, place: str = "") -> Iterator[str]:
    """A line for each place at which `found` is not what the record says."""
    if isinstance(record, dict) and isinstance(found, dict):
        for key in [*record, *(key for key in found if key not in record)]:
            pair = record.get(key, MISSING), found.get(key, MISSING)
            yield from differences(*pair, relative, f"{place}/{key}")
    elif isinstance(record, list) and isinstance(found, list):
        pairs = enumerate(zip_longest(record, found, fillvalue=MISSING))
        for index, pair in pairs:
            yield from differences(*pair, relative, f"{place}/{index}")
    elif not _same(record, found, relative):
        yield f"  {place}: recorded {record!r}, found {found!r}"


def _same(record: Any, found: Any, relative: float) -> bool:
    if isinstance(record, float) and isinstance(found, float):
        both_undefined = math.isnan(record) and math.isnan(found)
        return both_undefined or math.isclose(record, found, rel_tol=relative)
    return type(record) is type(found) and record == found
