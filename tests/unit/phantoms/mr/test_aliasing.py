from __future__ import annotations

import numpy as np

from deepvein.phantoms.mr.aliasing import fold


def test_what_lies_outside_comes_in_on_the_other_side() -> None:
    wide = np.zeros((1, 14), np.float32)
    wide[0, 1], wide[0, 11] = 10, 20  # one column left of the field of view, and one right of it
    inner = fold(wide, 2, 0.5)
    assert inner.shape == (1, 10)
    assert np.flatnonzero(inner[0]).tolist() == [9]
    wide[0, 12] = 4
    assert fold(wide, 2, 0.5)[0].tolist() == [2, 0, 0, 0, 0, 0, 0, 0, 0, 25]


def test_without_margins_nothing_changes() -> None:
    wide = np.arange(8, dtype=np.float32)[None]
    assert fold(wide, 0, 0.7) is wide
