import csv
from pathlib import Path

from deepvein.laboratory.phantom_audit.audit import Audit
from deepvein.laboratory.phantom_audit.page import write_page


def test_the_page_shows_every_figure_and_table(made: Audit, tmp_path: Path) -> None:
    page = write_page([made], tmp_path)
    text = page.read_text()
    assert "not a medical device" in text
    assert "| (c) everything except the veins | ≤ 0.60 | 0.50 (0.40–0.60) |" in text
    assert "Published figures that the phantoms miss" in text
    assert "(the generator has changed since)" in text
    for name in ("readers", "ct-clinical-tissues", "ct-clinical-centres"):
        assert f"(pictures/{name}.png)" in text
        assert (tmp_path / "pictures" / f"{name}.png").stat().st_size > 5000
    tables = sorted((tmp_path / "tables").glob("*.csv"))
    assert len(tables) == 9
    rows = list(csv.reader(tables[0].read_text().splitlines()))
    assert all(len(row) == len(rows[0]) for row in rows)
