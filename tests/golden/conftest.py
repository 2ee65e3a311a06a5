"""What the golden tests share: the door to the software, and records that are compared or made anew.

A record lies beside the test. `pytest tests/golden --record-golden` writes all of them from what the
software gives now; the difference in version control then says what has changed.
"""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app

RECORDS = Path(__file__).parent
MACHINE = "machine.json"
MISSING = "nothing"
SHOWN = 20
"""Differences that a failure lists."""


@dataclass(frozen=True)
class Noise:
    """What rounding in networks may change: a share of a number, or so much of it."""

    relative: float = 0.0
    absolute: float = 0.0


EXACT = Noise()


@dataclass(frozen=True)
class Golden:
    """Compares with the records, or writes them."""

    records: bool
    noise = Noise

    def at_home(self, room: str) -> bool:
        """Whether networks round here as where the records of a folder, such as "papers", were made."""
        own, common = RECORDS / room / MACHINE, RECORDS / MACHINE
        made = own if own.exists() else common
        return self.records or _machine() == json.loads(made.read_text())

    def check(self, name: str, found: Any, noise: Noise | None = None) -> None:
        """Fail if `found`, made of JSON's types, differs from the record `name`.

        noise: how far floating-point numbers may lie apart on another kind of processor than that of the
        record; without it nowhere. Whole numbers, texts, lengths and names are always equal.
        """
        path = RECORDS / f"{name}.json"
        text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
        if self.records:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            (path.parent / MACHINE).write_text(json.dumps(_machine(), indent=1) + "\n")
            return
        if not path.exists():
            pytest.fail(f"{path.name} is not recorded: run pytest with --record-golden")
        record = json.loads(path.read_text(encoding="utf-8"))
        told = list(
            differences(
                record,
                json.loads(text),
                EXACT if noise is None or self.at_home(path.parent.name) else noise,
            )
        )
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


def differences(record: Any, found: Any, noise: Noise, place: str = "") -> Iterator[str]:
    """A line for each place at which `found` is not what the record says."""
    if isinstance(record, dict) and isinstance(found, dict):
        for key in [*record, *(key for key in found if key not in record)]:
            pair = record.get(key, MISSING), found.get(key, MISSING)
            yield from differences(*pair, noise, f"{place}/{key}")
    elif isinstance(record, list) and isinstance(found, list):
        pairs = enumerate(zip_longest(record, found, fillvalue=MISSING))
        for index, pair in pairs:
            yield from differences(*pair, noise, f"{place}/{index}")
    elif not _same(record, found, noise):
        yield f"  {place}: recorded {record!r}, found {found!r}"


def _same(record: Any, found: Any, noise: Noise) -> bool:
    if isinstance(record, float) and isinstance(found, float):
        both_undefined = math.isnan(record) and math.isnan(found)
        return both_undefined or math.isclose(
            record, found, rel_tol=noise.relative, abs_tol=noise.absolute
        )
    return type(record) is type(found) and record == found


def _machine() -> dict[str, str]:
    """What decides how networks round."""
    import torch

    return {
        "processor": platform.machine(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "torch": torch.__version__,
    }
