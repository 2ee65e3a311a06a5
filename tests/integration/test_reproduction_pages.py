"""The kept pages of both papers: every number lies in a CSV beside it, and none is too large to keep."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from unit.laboratory.page_numbers import stray

PAGES = Path(__file__).parents[2] / "docs" / "reproductions"
PAPERS = ("huang2019", "kozemzak2019")
MOST_BYTES = 2_000_000


@pytest.mark.parametrize("paper", PAPERS)
def test_every_number_comes_from_a_csv(paper: str) -> None:
    assert stray(PAGES / paper) == []


@pytest.mark.parametrize("paper", PAPERS)
def test_every_claim_has_a_verdict(paper: str) -> None:
    with (PAGES / paper / "tables" / "claims.csv").open(newline="", encoding="utf-8") as file:
        claims = list(csv.DictReader(file))
    assert len(claims) >= 5
    assert {one["Verdict"] for one in claims} <= {
        "confirmed",
        "not confirmed",
        "cannot be told here",
    }
    last = (PAGES / paper / "index.md").read_text(encoding="utf-8").rpartition("\n## ")[2]
    assert last.startswith("What this says about the paper's claims")


@pytest.mark.parametrize("paper", PAPERS)
def test_the_folder_is_small(paper: str) -> None:
    assert sum(path.stat().st_size for path in (PAGES / paper).rglob("*")) < MOST_BYTES
