from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from deepvein.laboratory.huang2019.consensus import agreed, midway
from deepvein.phantoms.annotation.annotation import EXACT
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.volume import Volume


def bar(low: int, high: int) -> np.ndarray:
    made = np.zeros((40, 12), dtype=bool)
    made[low:high, 4:8] = True
    return made


@given(st.integers(2, 10), st.integers(14, 20), st.integers(2, 10), st.integers(14, 20))
@settings(max_examples=25, deadline=None)
def test_ends_lie_between_both(a: int, b: int, c: int, d: int) -> None:
    rows = np.flatnonzero(midway(bar(a, b), bar(c, d), (0.75, 0.55)).any(axis=1))
    assert min(a, c) <= rows[0] <= max(a, c)
    assert min(b, d) <= rows[-1] + 1 <= max(b, d)


def test_sides_lie_midway() -> None:
    narrow, wide = np.zeros((40, 30), dtype=bool), np.zeros((40, 30), dtype=bool)
    narrow[5:35, 12:18] = True
    wide[5:35, 8:22] = True
    columns = np.flatnonzero(midway(narrow, wide, (1.0, 1.0))[20])
    assert (columns[0], columns[-1]) == (10, 19)


def test_equal_masks_stay() -> None:
    assert (midway(bar(5, 20), bar(5, 20), (0.75, 0.55)) == bar(5, 20)).all()


def test_what_one_has_overlooked_the_other_points_out() -> None:
    nothing = np.zeros((40, 12), dtype=bool)
    assert (midway(bar(5, 20), nothing, (1.0, 1.0)) == bar(5, 20)).all()
    both = bar(5, 15) | bar(25, 30)
    assert (midway(both, bar(5, 15), (1.0, 1.0)) == both).all()


def test_exact_readers_agree_on_the_truth() -> None:
    labels = np.zeros((3, 40, 12), dtype=np.uint8)
    labels[1][bar(5, 20)] = 1
    grid = Grid.from_directions(labels.shape, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), CORONAL)
    thrombi = Volume(labels, grid)
    segments = Volume(labels * np.uint8(7), grid)
    assert (agreed(segments, thrombi, 3, EXACT).array == labels).all()
