from __future__ import annotations

import numpy as np

from deepvein.laboratory.kozemzak2019.inference import probability_of
from deepvein.laboratory.kozemzak2019.predictions import THRESHOLD


def test_levels_rise_with_the_probability_and_a_half_lies_at_128() -> None:
    p = probability_of(np.arange(256, dtype=np.uint8))
    assert (np.diff(p) > 0).all()
    assert p[127] < 0.5 < p[128]
    assert int(np.ceil(THRESHOLD * 255)) == 128
    assert p[0] < 1e-5
