from __future__ import annotations

import numpy as np

from deepvein.anatomy.veins import Side
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.person.swelling import FEET_MM, sample_swelling

FRAME = Frame(sample_person(1))


def test_shares_decide_and_do_not_disturb_one_another() -> None:
    both = sample_swelling(4, FRAME, 1.0, 0.0)
    one = sample_swelling(4, FRAME, 0.0, 1.0)
    assert {o.side for o in both} == {Side.RIGHT, Side.LEFT}
    assert len(one) == 1
    assert sample_swelling(4, FRAME, 1.0, 1.0) == (*both, *one)
    assert sample_swelling(4, FRAME, 0.0, 0.0) == ()


def test_values_lie_in_their_ranges() -> None:
    drawn = [o for seed in range(100) for o in sample_swelling(seed, FRAME, 1.0, 1.0)]
    for oedema in drawn:
        assert oedema.low_mm == FEET_MM < 0 < oedema.high_mm < float(FRAME.z(2.2))
        assert 0.15 <= oedema.strength <= 1
        assert 0 <= oedema.thicken_mm <= 7
        assert 1 <= oedema.swell <= 1.06
    assert np.std([o.strength for o in drawn]) > 0.2
