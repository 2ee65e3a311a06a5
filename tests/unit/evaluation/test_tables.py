import csv
from dataclasses import dataclass
from pathlib import Path

import pytest

from deepvein.anatomy.veins import Side
from deepvein.core.errors import SettingsError
from deepvein.evaluation.statistics import Estimate
from deepvein.evaluation.tables import Table, cell


@dataclass(frozen=True)
class Row:
    model_name: str
    dice: Estimate
    studies: int
    hd95_mm: float
    side: Side = Side.LEFT


ROWS = [
    Row("GN U-Net", Estimate(0.8, 0.75, 0.85), 100, 3.14159),
    Row("A|B & 50 %", Estimate(0.5, 0.4, 0.6), 99, float("nan")),
]
TABLE = Table.of("Thrombus_1", ROWS, digits=2)


def test_columns_and_cells():
    assert TABLE.columns == ("model name", "dice", "studies", "hd95 mm", "side")
    assert TABLE.rows[0] == ("GN U-Net", "0.800 (0.750–0.850)", "100", "3.14", "left")
    assert TABLE.rows[1][3] == "–"
    assert cell(None) == "–"
    assert cell(True) == "True"


def test_csv_comes_back(tmp_path: Path):
    paths = TABLE.write(tmp_path / "new", "table1")
    assert [path.name for path in paths] == ["table1.csv", "table1.md", "table1.tex"]
    with paths[0].open(newline="", encoding="utf-8") as file:
        read = list(csv.reader(file))
    assert read == [list(TABLE.columns), *(list(row) for row in TABLE.rows)]


def test_markdown_keeps_its_columns_whatever_the_cells_hold():
    lines = TABLE.markdown().splitlines()
    assert lines[0] == "### Thrombus_1"
    assert {line.replace(r"\|", "").count("|") for line in lines[2:]} == {6}


def test_latex_escapes_what_would_break_it():
    text = TABLE.latex()
    assert r"\caption{Thrombus\_1}" in text
    assert r"A|B \& 50 \%" in text
    assert "0.750--0.850" in text
    assert text.count(r"\\") == 3


def test_rows_must_fit():
    with pytest.raises(SettingsError, match="1 cells"):
        Table("t", ("a", "b"), (("x",),))
    with pytest.raises(SettingsError, match="one dataclass"):
        Table.of("t", [])
    with pytest.raises(SettingsError, match="one dataclass"):
        Table.of("t", [{"a": 1}])
