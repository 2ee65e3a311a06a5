from __future__ import annotations

import numpy as np
import pytest

from deepvein.anatomy.veins import Side
from deepvein.core.seeds import generator
from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.implants.arthroplasty import Site
from deepvein.phantoms.implants.implants import Implant, Implants
from deepvein.phantoms.implants.osteosynthesis import FIXATIONS
from deepvein.phantoms.person.bones import Bones
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels

FRAME = Frame(sample_person(3))
BONES = Bones(FRAME)
EDGE = np.arange(-190, 190, 2.0)


@pytest.mark.parametrize("kind", FIXATIONS)
def test_metal_lies_in_or_on_bone(kind: str) -> None:
    build, _ = FIXATIONS[kind]
    parts = build(Site(FRAME, Side.LEFT), generator(1, "fixation"))
    implants = Implants((Implant(kind, Side.LEFT, parts),))
    total = near = 0
    for t in np.arange(-0.02, 2.05, 0.03):
        z = float(FRAME.z(t))
        canvas = Canvas(Pixels(EDGE, EDGE), CtPalette(120), z, (z,))
        BONES.paint(canvas)
        bone = canvas.bones.copy()
        implants.paint(canvas)
        # Bone grown by about 12 mm, which holds plates and the heads of screws.
        reach = np.zeros_like(bone)
        for dy in range(-6, 7, 2):
            for dx in range(-6, 7, 2):
                reach |= np.roll(bone, (dy, dx), (0, 1))
        total += int(canvas.metal.sum())
        near += int((canvas.metal & reach).sum())
        assert not canvas.metal[:, EDGE < 0].any()
    assert total > 10
    assert near > 0.93 * total
