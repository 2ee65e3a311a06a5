"""The memory that is left, as Linux tells it."""

from __future__ import annotations

from math import inf
from pathlib import Path

import pytest

from deepvein.core.memory import available_bytes


@pytest.mark.parametrize(
    ("limit", "expected"), [("max", 2048.0), ("3000", 2000.0), ("900", 0.0), ("odd", 2048.0)]
)
def test_the_smaller_of_machine_and_container(tmp_path: Path, limit: str, expected: float) -> None:
    memory = tmp_path / "meminfo"
    memory.write_text("MemTotal: 9 kB\nMemAvailable:       2 kB\n")
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    (tmp_path / "memory.current").write_text("1000\n")
    assert available_bytes(memory, tmp_path) == expected


def test_a_system_that_does_not_tell_has_no_limit(tmp_path: Path) -> None:
    assert available_bytes(tmp_path / "none", tmp_path) == inf
