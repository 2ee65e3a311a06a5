"""A straight vein of known size in nothing: what the painter makes of it can be told beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from deepvein.anatomy.tissues import VEIN_HU
from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.phantoms.body import Body
from deepvein.phantoms.bones import Bones
from deepvein.phantoms.canvas import Canvas
from deepvein.phantoms.contrast import Contrast
from deepvein.phantoms.ct import CtPalette
from deepvein.phantoms.frame import Frame
from deepvein.phantoms.painter import Painter
from deepvein.phantoms.population import sample_person
from deepvein.phantoms.thrombus import Clot, Thrombus
from deepvein.phantoms.tube import Pixels, Tube
from deepvein.phantoms.vessels import Vessel, Vessels

FRAME = Frame(sample_person(1))
Z = float(FRAME.z(1.6))
X, Y = (float(v[0]) for v in FRAME.place(Side.LEFT, 1.6, -25, -25))


def vein(radius: float, segment: VeinSegment | None = VeinSegment.FEMORAL) -> Vessel:
    nodes = np.tile([X, Y, radius, radius, 0.0], (60, 1))
    return Vessel("left femoral", Side.LEFT, segment, Tube(Z - 60, nodes, True))


def paint(vessel: Vessel, thrombi: tuple[Thrombus, ...] = (), step: float = 0.5) -> Canvas:
    contrast = Contrast(0.0, {vessel.name: (1.0,) * 40})
    painter = Painter(
        Body(FRAME.person, FRAME), Bones(FRAME), Vessels((vessel,)), contrast, thrombi
    )
    offsets = np.arange(-20, 20, step)
    canvas = Canvas(Pixels(X + offsets, Y + offsets), CtPalette(120), Z, (Z - 1, Z, Z + 1))
    painter.paint(canvas)
    return canvas


def clot(fill: float, widening_mm: float = 0.0) -> tuple[Thrombus, ...]:
    one = Clot("left femoral", Z - 50, Z + 50, widening_mm, fill, (0.0, 0.0), 10.0, (0.0,) * 20)
    return (Thrombus(3, Side.LEFT, True, True, 0.0, 0.0, (one,)),)


@pytest.mark.parametrize("radius", [2.0, 4.0, 7.0])
def test_an_open_vein_has_its_area_label_and_attenuation(radius: float) -> None:
    canvas = paint(vein(radius))
    mask = canvas.segments == encode(VeinSegment.FEMORAL, Side.LEFT)
    assert mask.sum() * 0.25 == pytest.approx(np.pi * radius**2, rel=0.06)
    middle = canvas.value[38:42, 38:42]
    assert middle == pytest.approx(VEIN_HU[120], abs=0.5)
    assert not canvas.thrombi.any()


def test_an_artery_is_marked_as_artery_only() -> None:
    canvas = paint(vein(4.0, None))
    assert canvas.arteries.any()
    assert not canvas.segments.any()


def test_a_thrombus_fills_its_share_and_belongs_to_the_vein() -> None:
    canvas = paint(vein(5.0), clot(0.8))
    assert set(np.unique(canvas.thrombi)) == {0, 3}
    assert (canvas.thrombi > 0).sum() / (canvas.segments > 0).sum() == pytest.approx(0.64, rel=0.06)
    assert canvas.segments[canvas.thrombi > 0].all()
    assert canvas.value[39:41, 39:41] == pytest.approx(58.0, abs=0.5)


def test_an_expanding_thrombus_widens_the_vein() -> None:
    canvas = paint(vein(4.0), clot(0.95, 3.0))
    assert (canvas.segments > 0).sum() * 0.25 == pytest.approx(np.pi * 5.5**2, rel=0.06)


def test_partial_volume_keeps_the_vein_s_contrast_area_on_coarse_pixels() -> None:
    fine, coarse = (paint(vein(3.0), step=s) for s in (0.25, 1.0))
    bright = [np.maximum(c.value - 60, 0).sum() * s**2 for c, s in ((fine, 0.25), (coarse, 1.0))]
    assert bright[1] == pytest.approx(bright[0], rel=0.1)


def test_below_its_first_labelled_height_a_piece_is_painted_but_not_named() -> None:
    from dataclasses import replace

    canvas = paint(replace(vein(5.0), label_from_mm=Z + 5))
    assert not canvas.segments.any()
    assert canvas.value[39:41, 39:41] == pytest.approx(VEIN_HU[120], abs=0.5)
