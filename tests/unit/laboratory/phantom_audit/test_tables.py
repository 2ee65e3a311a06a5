from deepvein.laboratory.phantom_audit.audit import Audit
from deepvein.laboratory.phantom_audit.tables import (
    calibre_tables,
    centre_table,
    contrast_table,
    extent_table,
    reader_table,
    shade_table,
)


def test_readers_have_a_column_for_each_audit(made: Audit) -> None:
    table = reader_table([made, made])
    assert table.columns == ("reader", "should be", "CT CLINICAL", "CT CLINICAL")
    gain = next(row for row in table.rows if "gain" in row[0])
    assert gain[2] == "0.200 (0.100–0.300)"


def test_published_figures_stand_beside_the_phantoms(made: Audit) -> None:
    shades = {row[0]: row for row in shade_table(made).rows}
    assert shades["opacified deep vein, 120 kVp"][-1] == "118"
    assert shades["muscle"][-1] == "58 (50 to 65)"
    healthy, thrombosed = calibre_tables(made)
    assert healthy.rows[0][:4] == ("femoral vein", "4", "6.5 (6.0–7.0)", "6.6 (6.4 to 6.8)")
    assert thrombosed.rows[0][3] == "6 (4 to 10)"
    assert contrast_table(made).rows[0][1:3] == ("9.00", "7")
    extents = {row[0]: row for row in extent_table(made).rows}
    assert extents["left, of unilateral"][1:3] == ("100 %", "57–65 %")
    assert extents["levels with thrombus of five, proximal, median"][2] == "3 (1 to 5)"


def test_no_centre_loses_against_itself(made: Audit) -> None:
    rows = centre_table(made).rows
    assert len(rows) == 9
    assert all((row[3] == "–") == (row[0] == row[1]) for row in rows)
