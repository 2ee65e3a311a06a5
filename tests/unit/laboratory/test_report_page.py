from __future__ import annotations

from pathlib import Path

import pytest

from deepvein.drawing.journal import contour, figure, picture, save, style
from deepvein.evaluation.tables import Table
from deepvein.laboratory.report_page import Chapter, Exhibit, Page, cohort_name, write_page
from unit.laboratory.page_numbers import stray


def drawn(folder: Path) -> Path:
    import numpy as np

    with style():
        made = figure(40, 40)
        axes = made.add_subplot()
        image = np.arange(64.0).reshape(8, 8)
        picture(axes, image, (0.75, 0.55))
        contour(axes, image > 40, "#e31a1c")
        contour(axes, image > 100, "#e31a1c")
        return save(made, folder / "figures", "one")


def test_the_page_carries_its_pictures_and_both_tables(tmp_path: Path) -> None:
    theirs = Table("Table 1", ("DSC",), (("0.74 ± 0.17",),))
    ours = Table("Table 1", ("DSC",), (("0.61 <b>",),))
    exhibit = Exhibit("Table 1", theirs, ours, drawn(tmp_path), "A figure.", told="As printed.")
    page = Page(
        "Redrawn", "A paper", "The small profile", "One.\n\nTwo.", [Chapter("T", "", (exhibit,))]
    )
    text = write_page(page, tmp_path).read_text()
    for part in ("0.74 ± 0.17", "0.61 &lt;b&gt;", "data:image/png;base64,", "figures/one.svg"):
        assert part in text
    published = (tmp_path / "index.md").read_text()
    for part in ("| 0.74 ± 0.17 |", "#### Ours", "![Table 1](figures/one.png)", "*A figure.*"):
        assert part in published
    assert "The small profile" in text
    assert "not a medical device" in text
    assert "Synthetic" in text


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    exhibit = Exhibit("Table 2", missing="2 of 8 folds are not trained yet.")
    page = Page("Redrawn", "A paper", "p", "i", [Chapter("T", "", (exhibit,))], synthetic=False)
    text = write_page(page, tmp_path).read_text()
    assert "2 of 8 folds are not trained yet." in text
    assert "Synthetic" not in text


def numbered(folder: Path) -> None:
    ours = Table("Table 1", ("DSC", "p"), (("0.61", "–"), ("-0.02 (-0.05 to 0.01)", "0.433")))
    exhibit = Exhibit(
        "Table 1: scores",
        None,
        ours,
        caption="Of 12 patients 3.",
        numbers=(("n", "12"), ("k", "3")),
    )
    chapter = Chapter("T", "Masks are cut at 0.5 (Section 4).", (exhibit,), (("cut", "0.5"),))
    facts = (("Patients", "12"),)
    write_page(
        Page("Redrawn", "doi:10.1/2", "95 %", "i", [chapter], facts, numbers=(("ci", "95 %"),)),
        folder,
    )


def test_every_number_lies_in_a_csv_beside_the_page(tmp_path: Path) -> None:
    numbered(tmp_path)
    assert stray(tmp_path) == []
    assert (tmp_path / "tables" / "table-1.csv").exists()


@pytest.mark.parametrize(
    ("was", "becomes", "place"),
    [
        ("0.61", "0.62", "a table that no CSV holds"),
        ("Of 12", "Of 13", "Table 1: scores: 13"),
        ("at 0.5", "at 0.6", "T: 0.6"),
        ("95 %", "90 %", "Redrawn: 90"),
        ("| 12 |", "| 11 |", "a table that no CSV holds"),
    ],
)
def test_a_number_that_no_csv_holds_is_found(
    tmp_path: Path, was: str, becomes: str, place: str
) -> None:
    numbered(tmp_path)
    page = tmp_path / "index.md"
    text = page.read_text()
    assert was in text
    page.write_text(text.replace(was, becomes))
    assert any(place in one for one in stray(tmp_path))


def test_a_cohort_goes_by_the_name_of_its_folder(tmp_path: Path) -> None:
    assert cohort_name(tmp_path / "legs", {}) == "legs"
    assert cohort_name(tmp_path / "legs" / "cohort.csv", {}) == "legs"
    assert cohort_name(None, {"huang2019": 1, "phantoms": 3}) == (
        "synthetic; generations: huang2019 1, phantoms 3"
    )
