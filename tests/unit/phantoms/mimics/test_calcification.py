from __future__ import annotations

from dataclasses import replace

import numpy as np

from deepvein.anatomy.tissues import Tissue, attenuation
from deepvein.anatomy.veins import Side
from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.mimics.calcification import (
    Calcification,
    calcifications_of,
    paint_calcifications,
)
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels, Tube
from deepvein.phantoms.vessels.vascular_tree import grow
from deepvein.phantoms.vessels.vessel import Vessel

PERSON = sample_person(4)
VESSELS = grow(Frame(PERSON))
STRAIGHT = Vessel("artery", Side.LEFT, None, Tube(0.0, np.tile([0.0, 0, 4, 4, 0], (31, 1))))


def painted(one: Calcification, z: float = 30.0) -> tuple[Canvas, Pixels]:
    pixels = Pixels(np.arange(-10, 10.1, 0.25), np.arange(-10, 10.1, 0.25))
    canvas = Canvas(pixels, CtPalette(120), z, (z,))
    canvas.value[:] = 100.0
    paint_calcifications(canvas, (one,))
    return canvas, pixels


def test_the_old_have_more_than_the_young() -> None:
    counts = []
    for age in (30.0, 60.0, 85.0):
        people = (replace(sample_person(s), age_years=age) for s in range(12))
        counts.append(np.mean([len(calcifications_of(p, VESSELS)) for p in people]))
    assert counts[0] == 0
    assert 2 < counts[1] < counts[2] < 120


def test_plaques_lie_in_arteries_only_and_are_drawn_alike_each_time() -> None:
    old = replace(PERSON, age_years=85.0)
    first, again = calcifications_of(old, VESSELS), calcifications_of(old, VESSELS)
    assert [one.low_mm for one in first] == [one.low_mm for one in again]
    assert first
    for one in first:
        assert not one.artery.is_vein
        assert one.thickness(one.low_mm) == 0 == round(one.thickness(one.high_mm), 6)


def test_a_crescent_lies_on_its_side_and_a_ring_all_round() -> None:
    thick = (0.0, 2.0, 2.0, 2.0, 2.0, 0.0)
    crescent, pixels = painted(Calcification(STRAIGHT, 22.0, thick, (1.0, 0.0), 0.0, 1.0))
    bright = crescent.value > 300
    rows, columns = np.nonzero(bright)
    assert pixels.x_mm[columns].min() > -1.5
    away = np.hypot(pixels.x_mm[columns], pixels.y_mm[rows])
    assert 2.4 < away.min() < away.max() < 5.2
    assert crescent.value.max() <= attenuation(Tissue.CALCIFICATION, 120)
    ring, _ = painted(Calcification(STRAIGHT, 22.0, thick, (1.0, 0.0), 1.0, 1.0))
    rows, columns = np.nonzero(ring.value > 300)
    assert pixels.x_mm[columns].min() < -3 < 3 < pixels.x_mm[columns].max()
    assert not crescent.arteries.any()


def test_nothing_is_painted_beside_a_plaque() -> None:
    one = Calcification(STRAIGHT, 22.0, (0.0, 2.0, 0.0), (0.0, 1.0), 0.5, 1.0)
    for z in (21.0, 31.0):
        canvas, _ = painted(one, z)
        assert (canvas.value == 100.0).all()
