from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deepvein.anatomy.tissues import Tissue, attenuation
from deepvein.anatomy.veins import Side
from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.person.body import Body
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.oedema import Oedema, swelling
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels
from deepvein.phantoms.vessels.vascular_tree import grow

FRAME = Frame(sample_person(8))
PIXELS = Pixels(np.arange(-200, 200, 1.0), np.arange(-100, 150, 1.0))
SWOLLEN = Oedema(Side.LEFT, -100.0, float(FRAME.z(1.4)), 0.9, 6.0, 1.04)


def painted(oedema: tuple[Oedema, ...], t: float) -> Canvas:
    z = float(FRAME.z(t))
    canvas = Canvas(PIXELS, CtPalette(120), z, (z,))
    Body(FRAME.person, FRAME, oedema).paint(canvas)
    return canvas


@given(st.floats(-500, 1500))
def test_the_level_is_smooth_between_nothing_and_all(z: float) -> None:
    one = Oedema(Side.LEFT, 0.0, 600.0, 1.0, 5.0, 1.05)
    assert 0 <= one.level(z) <= 1
    # No steeper than the smooth step's 1.5 over its 70 mm.
    assert abs(one.level(z + 1) - one.level(z)) < 0.022
    assert one.level(300) == 1
    assert one.level(-1) == one.level(601) == 0


def test_oedema_of_a_side_adds_up() -> None:
    a, b = Oedema(Side.LEFT, 0, 600, 0.5, 4, 1.02), Oedema(Side.LEFT, 0, 600, 0.3, 2, 1.01)
    both = swelling((a, b), Side.LEFT, 300)
    assert (both.strength, both.thicken_mm) == (0.5, 6)
    assert both.swell == 1.02 * 1.01
    assert swelling((a, b), Side.RIGHT, 300).thicken_mm == 0
    assert swelling((), Side.LEFT, 300).swell == 1


def test_without_oedema_or_beyond_it_no_pixel_changes() -> None:
    for t in (0.5, 1.6):
        plain = painted((), t).value
        far = Oedema(Side.LEFT, float(FRAME.z(0.7)), float(FRAME.z(1.4)), 1.0, 8.0, 1.05)
        assert np.array_equal(plain, painted((far,), t).value)


def test_only_the_swollen_leg_grows_and_holds_water() -> None:
    plain, swollen = painted((), 0.6).value, painted((SWOLLEN,), 0.6).value
    left = PIXELS.x_mm > 0
    assert np.array_equal(plain[:, PIXELS.x_mm < -15], swollen[:, PIXELS.x_mm < -15])
    size = [(v[:, left] > -500).sum() for v in (plain, swollen)]
    radius = np.sqrt(np.array(size) / np.pi)
    assert 5.0 < radius[1] - radius[0] < 10.0
    fat, water = attenuation(Tissue.FAT, 120), attenuation(Tissue.OEDEMA, 120)
    wet = [((v[:, left] > fat + 25) & (v[:, left] < water)).mean() for v in (plain, swollen)]
    assert wet[1] > 3 * wet[0]


def test_vessels_stay_where_they_are() -> None:
    """Vessels are grown without oedema, so the swollen body's twin has the very same ones."""
    before = grow(FRAME).by_name["left great saphenous"].tube.nodes
    Body(FRAME.person, FRAME, (SWOLLEN,))
    assert np.array_equal(before, grow(FRAME).by_name["left great saphenous"].tube.nodes)
