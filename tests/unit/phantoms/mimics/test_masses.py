from __future__ import annotations

import numpy as np
import pytest

from deepvein.anatomy.tissues import TISSUES, Tissue
from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.mimics.masses import Mass, ball, sample_cyst, sample_haematoma, sample_nodes
from deepvein.phantoms.person.body import Body
from deepvein.phantoms.person.bones import Bones
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels
from deepvein.phantoms.vessels.vascular_tree import grow

FRAME = Frame(sample_person(1))
VESSELS = grow(FRAME)


def paint(mass: Mass) -> tuple[Canvas, Canvas]:
    """Around the middle of the mass, without and with it."""
    tube = mass.tubes[0]
    z = (tube.low_mm + tube.high_mm) / 2
    x, y = tube.centre([z])[0]
    offsets = np.arange(-25, 25, 1.0)
    out = []
    for with_it in (False, True):
        canvas = Canvas(Pixels(x + offsets, y + offsets), CtPalette(120), z, (z,))
        section = Body(FRAME.person, FRAME).paint(canvas)
        Bones(FRAME).paint(canvas)
        assert section is not None
        if with_it:
            mass.paint(canvas, section)
        out.append(canvas)
    return out[0], out[1]


def test_a_ball_has_its_radii_and_pointed_ends() -> None:
    tube = ball(3.0, -4.0, 100.0, (9.0, 5.0, 20.0))
    assert (tube.low_mm + tube.high_mm) / 2 == pytest.approx(100.0)
    assert tube.high_mm - tube.low_mm == pytest.approx(40.0, abs=2)
    assert tube.radii(100.0) == pytest.approx((9.0, 5.0), rel=0.01)
    assert tube.radii(tube.low_mm)[0] < 2


def test_nodes_lie_beside_the_vein_not_in_it() -> None:
    nodes = [m for seed in range(15) for m in sample_nodes(seed, VESSELS, 1.0)]
    assert len(nodes) > 30
    for node in nodes:
        tube = node.tubes[0]
        z = (tube.low_mm + tube.high_mm) / 2
        gaps = []
        for name in ("common femoral", "external iliac"):
            vein = VESSELS.by_name[f"{node.side.value} {name}"].tube
            if vein.low_mm <= z <= vein.high_mm:
                apart = np.linalg.norm(tube.centre([z])[0] - vein.centre([z])[0])
                gaps.append(apart - max(vein.radii(z)) - max(tube.radii(z)))
        assert min(gaps) > -1


@pytest.mark.parametrize("kind", ["haematoma", "cyst"])
def test_a_mass_changes_soft_tissue_and_no_label(kind: str) -> None:
    changed = []
    for seed in range(2):
        sample = sample_haematoma if kind == "haematoma" else sample_cyst
        (mass,) = sample(seed, FRAME, 1.0)
        before, after = paint(mass)
        other = before.value != after.value
        changed.append(other.sum())
        assert not (other & (before.bones > 0)).any()
        for plane in after.labels[:3]:
            assert not plane.any()
        # Nothing changes where there is air.
        assert not other[before.value < -900].any()
    assert min(changed) > 30


def test_a_cyst_is_fluid() -> None:
    (mass,) = sample_cyst(1, FRAME, 1.0)
    _, after = paint(mass)
    middle = after.value[24:27, 24:27].mean()
    assert middle == pytest.approx(TISSUES[Tissue.SYNOVIAL_FLUID].hu, abs=3)


def test_none_where_the_share_is_none() -> None:
    assert sample_nodes(1, VESSELS, 0.0) == ()
    assert sample_haematoma(1, FRAME, 0.0) == ()
    assert sample_cyst(1, FRAME, 0.0) == ()
