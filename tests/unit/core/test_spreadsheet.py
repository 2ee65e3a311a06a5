"""A spreadsheet shows every cell as it was meant and runs none."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.core.spreadsheet import cell, csv_text, text_of, write_csv


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://example.org")',
        "+cmd|x",
        "-2+3+cmd|x",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "＝1+1",
        "-",
        "-1 (cmd|x)",
    ],
)
def test_formulas_become_texts(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "value",
    [
        1,
        -2.5,
        None,
        True,
        "-1.5",
        "+3",
        "-1e-3",
        "-.5",
        "-0.12 (-0.30 to 0.05)",
        "-1 (0–1)",
        "-48.24 ± 32.98",
        "-0.5 ± –",
        "-0.2 (–)",
        "-3 %",
        "left",
        "",
    ],
)
def test_numbers_and_usual_texts_stay(value: object) -> None:
    assert cell(value) == value


@given(st.text(alphabet="'=+-@\t\r\n1a ("))
def test_the_text_comes_back(text: str) -> None:
    assert text_of(cell(text)) == text


@given(st.text())
def test_no_cell_begins_like_a_formula_unless_it_is_a_number(text: str) -> None:
    safe = cell(text)
    if safe[:1] in tuple("=+-@\t\r\n"):
        assert float(safe.rstrip(" %").split(" (")[0]) is not None
        assert not any(character.isalpha() and character not in "eE" for character in safe)


def test_a_table_is_read_back_cell_by_cell(tmp_path: Path) -> None:
    rows = [["a,b", '"', 1], ["=1", None, -2.0]]
    write_csv(tmp_path / "t.csv", ["x", "=y", "z"], rows)
    text = (tmp_path / "t.csv").read_text(encoding="utf-8")
    assert text == csv_text(["x", "=y", "z"], rows)
    assert list(csv.reader(io.StringIO(text))) == [
        ["x", "'=y", "z"],
        ["a,b", '"', "1"],
        ["'=1", "", "-2.0"],
    ]
    assert csv_text(["x"], [], line_end="\r\n") == "x\r\n"
