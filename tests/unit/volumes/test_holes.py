"""Holes are filled as scipy fills them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.ndimage import binary_fill_holes

from deepvein.volumes.holes import fill_holes


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.booleans()))
def test_agrees_with_scipy(mask: np.ndarray) -> None:
    np.testing.assert_array_equal(fill_holes(mask), binary_fill_holes(mask))


def test_a_ring_is_filled_and_a_ring_with_a_gap_is_not() -> None:
    ring = np.zeros((7, 7), bool)
    ring[1:6, 1:6] = True
    ring[2:5, 2:5] = False
    assert fill_holes(ring)[3, 3]
    ring[1, 3] = False
    assert not fill_holes(ring)[3, 3]


@pytest.mark.parametrize("value", [False, True])
def test_nothing_and_everything_stay(value: bool) -> None:
    mask = np.full((5, 4), value)
    np.testing.assert_array_equal(fill_holes(mask), mask)
