from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.tissues import Tissue, attenuation
from deepvein.anatomy.veins import Side
from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.person.bones import Bones
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels

PIXELS = Pixels(np.arange(-190, 190, 1.0), np.arange(-110, 110, 1.0))


def painted(frame: Frame, t: float) -> Canvas:
    z = float(frame.z(t))
    canvas = Canvas(PIXELS, CtPalette(120), z, (z,))
    Bones(frame).paint(canvas)
    return canvas


@pytest.mark.parametrize(
    ("t", "count"), [(0.5, 4), (1.5, 2), (1.075, 4), (2.05, 5), (2.7, 3), (3.1, 2)]
)
def test_the_bones_of_a_section_are_counted(t: float, count: int) -> None:
    """Tibia and fibula; femur; femur and patella; heads, columns and coccyx; ilia and sacrum; spine."""
    from scipy import ndimage

    bones = painted(Frame(sample_person(2)), t).bones
    labels, found = ndimage.label(bones)
    sizes = np.bincount(labels.ravel())[1:]
    assert count - 1 <= int((sizes > 20).sum()) <= found <= count + 2


def test_shafts_have_thick_cortex_round_yellow_marrow_and_heads_thin_round_red() -> None:
    frame = Frame(sample_person(2))
    shaft = painted(frame, 1.5)
    cortex = shaft.value > 0.9 * attenuation(Tissue.CORTICAL_BONE, 120)
    marrow = np.abs(shaft.value - attenuation(Tissue.FATTY_MARROW, 120)) < 5
    assert 0.3 < marrow.sum() / cortex.sum() < 1.5
    head = painted(frame, 2.0)
    spongy = np.abs(head.value - attenuation(Tissue.SPONGY_MARROW, 120)) < 150
    assert (spongy & (head.bones > 0)).sum() > 2 * (head.value > 800).sum()


def test_trabeculae_are_a_grain_that_is_denser_under_the_surface() -> None:
    """In the head of the femur; yellow marrow of the shaft stays even."""
    frame = Frame(sample_person(2))
    head = painted(frame, 2.0)
    (x,), (y,) = frame.place(Side.LEFT, 2.0, -8.0, -38.0)
    away = np.hypot(PIXELS.x_mm - x, (PIXELS.y_mm - y)[:, None])
    deep, near = head.value[away < 12], head.value[(away > 16) & (away < 20)]
    assert 15 < deep.std() < 90
    assert near.mean() > deep.mean() + 20


def test_old_bones_are_thinner() -> None:
    young, old = (replace(sample_person(2), age_years=age) for age in (30.0, 85.0))
    cortex = [(painted(Frame(p), 1.5).value > 1100).sum() for p in (young, old)]
    assert cortex[1] < 0.9 * cortex[0]
