from __future__ import annotations

import numpy as np
import pytest

from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.mimics.catheter import sample_catheter
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels
from deepvein.phantoms.vessels.vascular_tree import grow

FRAME = Frame(sample_person(1))
VESSELS = grow(FRAME)
GROIN = float(FRAME.z(1.95))


@pytest.mark.parametrize("seed", range(5))
def test_it_lies_in_the_veins_above_the_puncture(seed: int) -> None:
    (one,) = sample_catheter(seed, FRAME, VESSELS, 1.0)
    side = one.side.value
    names = ("common femoral", "external iliac", "common iliac")
    chain = [VESSELS.by_name[f"{side} {n}"].tube for n in names] + [VESSELS.by_name["IVC"].tube]
    for z in np.arange(GROIN, one.tube.high_mm, 10.0):
        inside = False
        for vein in chain:
            if vein.low_mm <= z <= vein.high_mm:
                apart = np.linalg.norm(vein.centre([z])[0] - one.tube.centre([z])[0])
                inside |= bool(apart < max(vein.radii(float(z))))
        assert inside, z
    assert 1.15 <= one.tube.radii(GROIN)[0] <= 2.0


def test_it_is_plastic_in_an_unchanged_vein_and_never_thrombus() -> None:
    (one,) = sample_catheter(0, FRAME, VESSELS, 1.0)
    z = GROIN + 20.0
    x, y = one.tube.centre([z])[0]
    offsets = np.arange(-8, 8, 0.5)
    canvas = Canvas(Pixels(x + offsets, y + offsets), CtPalette(120), z, (z,))
    canvas.value[:] = 120.0
    canvas.segments[:] = 5
    canvas.thrombi[:] = 1
    one.paint(canvas)
    assert (canvas.segments == 5).all()
    assert canvas.value.max() > 180
    assert not canvas.thrombi[canvas.value > 186].any()


def test_none_where_the_share_is_none() -> None:
    assert sample_catheter(1, FRAME, VESSELS, 0.0) == ()
