import csv
from pathlib import Path

import pytest

from deepvein.core.errors import SettingsError
from deepvein.screening.summary import SummaryRow, read_summary, with_row, write_summary


def row(source: str, folder: str | None, **values: object) -> SummaryRow:
    return SummaryRow(source, source, "done", None if folder is None else Path(folder), **values)  # type: ignore[arg-type]


def test_rows_survive_their_file(tmp_path: Path) -> None:
    rows = (row("a", "out/a", probability=0.25), row("b", None, error="lost"))
    write_summary(rows, tmp_path)
    assert read_summary(tmp_path) == rows
    with (tmp_path / "summary.csv").open(newline="") as file:
        listed = list(csv.DictReader(file))
    assert [one["folder"] for one in listed] == ["out/a", ""]
    assert [one["probability"] for one in listed] == ["0.25", ""]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1+1", "@SUM(A1)"])
def test_a_spreadsheet_runs_nothing(name: str, tmp_path: Path) -> None:
    write_summary([row(name, None, places=name)], tmp_path)
    with (tmp_path / "summary.csv").open(newline="") as file:
        (listed,) = csv.DictReader(file)
    assert listed["study"][0] not in "=@"
    assert read_summary(tmp_path)[0].study == name


def test_there_may_be_none(tmp_path: Path) -> None:
    assert read_summary(tmp_path) == ()


@pytest.mark.parametrize("text", ["{", '[{"colour": "red"}]'])
def test_a_damaged_one_is_said(text: str, tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text(text)
    with pytest.raises(SettingsError, match="damaged"):
        read_summary(tmp_path)


def test_a_row_takes_the_place_of_those_that_it_makes_obsolete() -> None:
    done, failed, other = row("a", "out/a"), row("a", None), row("b", "out/b")
    again = row("a", "out/a", seconds=2.0)
    assert with_row((), done) == (done,)
    assert with_row((done, failed, other), again) == (again, other)
    assert with_row((done, other), failed) == (done, other, failed)
    assert with_row((done, failed), failed) == (done, failed)
    assert with_row((done, other), row("a", "out/a-2")) == (done, other, row("a", "out/a-2"))
