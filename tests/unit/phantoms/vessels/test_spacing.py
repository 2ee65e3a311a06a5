from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepvein.phantoms.shapes.tube import Tube
from deepvein.phantoms.vessels.spacing import kept_apart


def upright(x: float, radius: float = 3.0, low: float = 0.0, count: int = 60) -> Tube:
    return Tube(low, np.tile([x, 0.0, radius, radius, 0.0], (count, 1)))


@settings(max_examples=40, deadline=None)
@given(st.floats(0.5, 12), st.floats(1, 4))
def test_tubes_end_up_a_gap_apart_or_as_they_were(apart: float, radius: float) -> None:
    fixed = upright(0.0)
    moved = kept_apart(upright(apart, radius), fixed, 0.5)
    away = np.hypot(*(moved.nodes[:, :2] - fixed.nodes[:, :2]).T)
    assert away.min() >= min(3 + radius + 0.5, apart + 8) - 1e-5
    assert np.allclose(moved.nodes[:, 2:], upright(apart, radius).nodes[:, 2:], atol=1e-6)


def test_tubes_that_are_far_or_share_no_height_stay() -> None:
    one = upright(5.0)
    assert kept_apart(one, upright(-5.0), 0.5) is one
    assert kept_apart(one, upright(0.0, low=400.0), 0.5) is one


def test_the_push_ends_smoothly() -> None:
    moved = kept_apart(upright(4.0, count=200), upright(0.0, low=150.0, count=40), 0.5)
    steps = np.abs(np.diff(moved.nodes[:, 0]))
    assert moved.nodes[:, 0].max() == pytest.approx(6.5, abs=1e-6)
    assert moved.nodes[0, 0] == moved.nodes[-1, 0] == 4.0
    assert steps.max() < 1.0
