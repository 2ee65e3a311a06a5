from __future__ import annotations

import numpy as np

from deepvein.phantoms.person.skeleton import BALLS, LEG, PLATES, RIDGES, SHAFT, SHIN, SPINE


def test_keyframes_run_upwards_and_have_size() -> None:
    for keys in (*(tube for tube, _ in LEG), *SPINE, *PLATES):
        table = np.array(keys)
        assert (np.diff(table[:, 0]) > 0).all()
        assert (table[:, -2 if len(table[0]) == 7 else 3] > 0).all()
    assert all(min(ball[3:]) > 0 for ball in BALLS)


def test_ridges_stand_on_shafts() -> None:
    for number, cortex in RIDGES.items():
        middle = np.mean([key[0] for key in PLATES[number]])
        assert cortex is (SHAFT if middle > 1 else SHIN)


def test_the_head_of_the_femur_is_as_wide_as_in_adults() -> None:
    """Some 48 mm in men and 43 mm in women (M)."""
    assert 44 <= 2 * BALLS[0][3] <= 50
