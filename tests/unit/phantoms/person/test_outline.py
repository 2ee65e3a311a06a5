from __future__ import annotations

import numpy as np
import pytest

from deepvein.anatomy.veins import Side
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.outline import LegOutline, TrunkOutline, wobble
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.shapes.tube import Pixels

FRAME = Frame(sample_person(4))
GRID = Pixels(np.arange(-320, 320, 2.0), np.arange(-240, 240, 2.0))
WINDOW = GRID.window(-400, 400, -400, 400)


@pytest.mark.parametrize("t", [0.1, 0.7, 1.0, 1.5, 1.85])
def test_skin_surrounds_fascia_surrounds_the_axis(t: float) -> None:
    leg = LegOutline(FRAME, Side.LEFT)
    assert WINDOW is not None
    skin, fascia = leg.distances(t, WINDOW)
    assert (skin <= fascia).all()
    x, y, _, _ = (float(a[0]) for a in FRAME.axis(Side.LEFT, t))
    row, column = np.abs(GRID.y_mm - y).argmin(), np.abs(GRID.x_mm - x).argmin()
    assert fascia[row, column] < 0
    reach = leg.reach_mm(t)
    inside = np.argwhere(skin < 0)
    far = np.hypot(GRID.x_mm[inside[:, 1]] - x, GRID.y_mm[inside[:, 0]] - y).max()
    assert far <= reach


def test_calf_and_thigh_have_human_girths() -> None:
    angle = np.linspace(0, 2 * np.pi, 200)
    leg = LegOutline(FRAME, Side.RIGHT)
    for t, low, high in ((0.7, 280, 520), (1.5, 380, 800), (0.05, 180, 340)):
        r = leg.fascia(t, np.cos(angle), np.sin(angle)) + leg.fat(t, np.cos(angle), np.sin(angle))
        assert low < 2 * np.pi * r.mean() < high


def test_trunk_is_one_oval_with_the_extent_it_tells() -> None:
    trunk = TrunkOutline(FRAME)
    assert WINDOW is not None
    skin, fascia = trunk.distances(2.6, WINDOW)
    width, front, back = trunk.extent(2.6)
    inside = np.argwhere(skin < 0)
    assert np.abs(GRID.x_mm[inside[:, 1]]).max() == pytest.approx(width, abs=2.5)
    assert GRID.y_mm[inside[:, 0]].min() == pytest.approx(-front, abs=2.5)
    assert GRID.y_mm[inside[:, 0]].max() == pytest.approx(back, abs=2.5)
    assert (fascia < 0).sum() < (skin < 0).sum()


def test_trunk_ends_in_the_perineum() -> None:
    trunk = TrunkOutline(FRAME)
    assert WINDOW is not None
    areas = [int((trunk.distances(t, WINDOW)[1] < 0).sum()) for t in (1.835, 1.86, 1.9, 2.0)]
    assert areas == sorted(areas)
    assert areas[0] < 0.3 * areas[-1]


def test_wobble_vanishes_at_both_ends_and_is_reproducible() -> None:
    shape = wobble(1, "a", 7)
    assert (shape[[0, -1]] == 0).all()
    assert np.array_equal(shape, wobble(1, "a", 7))
    assert not np.array_equal(shape, wobble(1, "b", 7))
