from __future__ import annotations

import numpy as np

from deepvein.anatomy.veins import Side
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.vessels.perforators import perforators_of
from deepvein.phantoms.vessels.vascular_tree import grow

FRAME = Frame(sample_person(2))
VESSELS = grow(FRAME)
NAMES = {v.name.split(" ", 1)[1]: v for v in VESSELS.all if v.side is Side.LEFT}


def test_a_perforator_runs_from_the_saphenous_system_into_its_deep_vein() -> None:
    found = perforators_of(FRAME, Side.LEFT, NAMES)
    assert found
    for vein in found:
        into = VESSELS.by_name[vein.drains_into].tube
        top = vein.tube.high_mm
        assert np.hypot(*(vein.tube.nodes[-1, :2] - into.centre([top])[0])) < 1e-3
        start, low = vein.tube.nodes[0, :2], vein.tube.low_mm
        sources = ("great saphenous", "posterior arch", "small saphenous")
        near = [np.hypot(*(start - NAMES[n].tube.centre([low])[0])) for n in sources if n in NAMES]
        assert min(near) < 1e-3
        # Steep enough for an axial tube.
        assert np.abs(np.diff(vein.tube.nodes[:, :2], axis=0)).max() < 6.0


def test_sides_differ_and_are_drawn_alike_each_time() -> None:
    first, again = (perforators_of(FRAME, Side.LEFT, NAMES) for _ in range(2))
    assert [v.tube.high_mm for v in first] == [v.tube.high_mm for v in again]
    other = perforators_of(FRAME, Side.RIGHT, NAMES)
    assert [v.tube.high_mm for v in other] != [v.tube.high_mm for v in first]
