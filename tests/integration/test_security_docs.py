"""Every test that the table of docs/security.md names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows() -> list[str]:
    lines = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if re.match(r"\| \d", line)]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.split("|")[1].strip())
def test_a_requirement_names_a_test_that_exists(row: str) -> None:
    named = NAMED.findall(row)
    assert named, row
    for path, name in named:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_table_is_read() -> None:
    assert len(rows()) > 20
