from __future__ import annotations

from pathlib import Path

from deepvein.drawing.journal import contour, figure, picture, save, style
from deepvein.evaluation.tables import Table
from deepvein.laboratory.report_page import Chapter, Exhibit, Page, write_page


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
