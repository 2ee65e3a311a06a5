from __future__ import annotations

import numpy as np
import pytest

from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.ct.table import TABLES, paint_table
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels

EDGE = np.arange(-249, 250, 2.0)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_lies_below_its_top_and_is_mostly_air(name: str) -> None:
    canvas = Canvas(Pixels(EDGE, EDGE), CtPalette(120), 0.0, (0.0,))
    paint_table(canvas, TABLES[name], 100.0)
    table = canvas.value > -995
    middle = np.abs(EDGE) < 20
    assert table.any()
    assert not table[:, middle][EDGE < 98].any()
    assert canvas.value.max() <= -350
    assert not table[:, np.abs(EDGE) > TABLES[name].half_width + 2].any()
    # The edges do not lie deeper than the middle.
    columns = np.flatnonzero(table.any(axis=0))
    first = np.array([np.flatnonzero(table[:, k])[0] for k in columns])
    assert first.max() == first[len(first) // 2]


def test_shapes_differ() -> None:
    found = []
    for shape in TABLES.values():
        canvas = Canvas(Pixels(EDGE, EDGE), CtPalette(120), 0.0, (0.0,))
        paint_table(canvas, shape, 100.0)
        found.append(canvas.value.tobytes())
    assert len(set(found)) == len(TABLES)


def test_a_table_below_the_picture_paints_nothing() -> None:
    canvas = Canvas(Pixels(EDGE, EDGE), CtPalette(120), 0.0, (0.0,))
    paint_table(canvas, TABLES["flat"], 400.0)
    assert (canvas.value == -1000).all()
