from __future__ import annotations

import numpy as np

from deepvein.core.seeds import generator
from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.person.body import BodySection
from deepvein.phantoms.person.coverings import Cloth, Coverings, sample_coverings
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels

FRAME = Frame(sample_person(2))
EDGE = np.arange(-149, 150, 1.0)
R = np.hypot(EDGE[:, None] * 1.0, EDGE).astype(np.float32)


def leg() -> tuple[Canvas, BodySection]:
    """A round leg of 60 mm."""
    canvas = Canvas(Pixels(EDGE, EDGE), CtPalette(120), 0.0, (0.0,))
    canvas.value[R < 60] = 50
    window = canvas.pixels.window(-80, 80, -80, 80)
    assert window is not None
    return canvas, BodySection(window, (R - 60)[window.place])


def test_clothes_lie_around_the_skin_and_change_nothing_beneath() -> None:
    canvas, body = leg()
    Coverings(clothes=(Cloth(-1, 1, 5.0, 1.5),)).paint_over(canvas, body, 80.0)
    assert (canvas.value[R < 59] == 50).all()
    sheet = (R > 64.6) & (R < 65.4)
    assert (canvas.value[sheet] > -960).all()
    assert (canvas.value[(R > 68) | ((R > 61) & (R < 63))] == -1000).all()


def test_a_blanket_lies_on_top_and_falls_to_the_table() -> None:
    canvas, body = leg()
    Coverings(blanket=Cloth(-1, 1, 6.0, 4.0)).paint_over(canvas, body, 80.0)
    cloth = (canvas.value > -999) & (canvas.value < -900)
    assert cloth.any(axis=0).all()
    top = np.array([EDGE[np.flatnonzero(column)[0]] for column in cloth.T])
    assert abs(top[149] - (-60 - 6 - 2)) < 3
    assert top[0] > top[149] + 20
    assert np.abs(np.diff(top)).max() <= 1
    assert (canvas.value[R < 59] == 50).all()


def test_a_cushion_fills_air_between_table_and_knee() -> None:
    canvas, _ = leg()
    Coverings(wedge=Cloth(-100, 100, 0.0, 40.0)).paint_under(canvas, 110.0)
    at = (EDGE > 75) & (EDGE < 105)
    assert np.allclose(canvas.value[at][:, 149], -965)
    assert (canvas.value[R < 59] == 50).all()
    assert (canvas.value[EDGE > 112] == -1000).all()


def test_nothing_is_painted_beyond_the_ends() -> None:
    canvas, body = leg()
    before = canvas.value.copy()
    away = Cloth(10, 20, 5.0, 4.0)
    for coverings in (Coverings(), Coverings((away,), away, away)):
        coverings.paint_under(canvas, 110.0)
        coverings.paint_over(canvas, body, 110.0)
    assert np.array_equal(canvas.value, before)


def test_shares_decide_and_draws_do_not_disturb_one_another() -> None:
    def drawn(seed: int, *shares: float) -> Coverings:
        return sample_coverings(generator(seed), FRAME, *shares)

    for seed in range(20):
        none, everything = drawn(seed, 0, 0, 0), drawn(seed, 1, 1, 1)
        assert none == Coverings()
        assert everything.clothes
        assert everything.blanket is not None
        assert drawn(seed, 0, 0, 1).wedge == everything.wedge is not None
