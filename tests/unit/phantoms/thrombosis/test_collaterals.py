from __future__ import annotations

import numpy as np

from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.thrombosis.collaterals import sample_collaterals
from deepvein.phantoms.thrombosis.thrombus_section import Clot
from deepvein.phantoms.vessels.vascular_tree import grow

VESSELS = grow(Frame(sample_person(1)))


def test_they_run_beside_the_longest_clot_on_the_inner_side() -> None:
    parent = VESSELS.by_name["right femoral"]
    low = parent.tube.low_mm + 20
    long = Clot(parent.name, low, low + 160, 0.0, 0.9, (0.0, 0.0), 10.0, (0.0,) * 16)
    short = Clot("right popliteal", 0.0, 10.0, 0.0, 0.9, (0.0, 0.0), 2.0)
    for seed in range(10):
        veins = sample_collaterals(np.random.default_rng(seed), 1, VESSELS, (short, long))
        for vein in veins:
            assert vein.drains_into == parent.name
            middle = [(vein.tube.low_mm + vein.tube.high_mm) / 2]
            dx = (vein.tube.centre(middle) - parent.tube.centre(middle))[0, 0]
            # To the left of the right leg's vein is towards the midline.
            assert dx > 1
            assert vein.tube.nodes[:, 2].max() <= 2.5 * 1.2 + 1e-6
