from __future__ import annotations

import numpy as np

from deepvein.core.seeds import generator
from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.person.arms import sample_arms
from deepvein.phantoms.person.body import Body
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels

FRAME = Frame(sample_person(2))
BODY = Body(FRAME.person, FRAME)
EDGE = np.arange(-350, 351, 2.0)


def painted(t: float, seed: int) -> Canvas:
    z = float(FRAME.z(t))
    canvas = Canvas(Pixels(EDGE, EDGE), CtPalette(120), z, (z,))
    for arm in sample_arms(generator(seed), BODY):
        arm.paint(canvas)
    return canvas


def test_one_or_both_arms_lie_beside_the_hips() -> None:
    assert {len(sample_arms(generator(seed), BODY)) for seed in range(20)} == {1, 2}
    for seed in range(4):
        for t in (2.1, 2.5, 3.0):
            canvas = painted(t, seed)
            arm = canvas.value > -500
            assert arm.any()
            assert not arm[:, np.abs(EDGE) < BODY.half_width_mm(t)].any()


def test_an_arm_has_bones_and_ends_above_the_knee() -> None:
    assert (painted(2.9, 3).value > 600).any()
    assert painted(2.9, 3).bones.any()
    assert not (painted(1.5, 3).value > -500).any()


def test_an_arm_beside_the_picture_paints_nothing() -> None:
    z = float(FRAME.z(2.5))
    edge = np.arange(-60, 61, 2.0)
    canvas = Canvas(Pixels(edge, edge), CtPalette(120), z, (z,))
    for arm in sample_arms(generator(1), BODY):
        arm.paint(canvas)
    assert (canvas.value == -1000).all()
