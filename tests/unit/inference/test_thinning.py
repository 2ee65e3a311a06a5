"""Which slices are looked at, and what those between them show."""

from __future__ import annotations

import numpy as np
import pytest

from deepvein.examples.patches import PatchExamples
from deepvein.examples.territories import TerritoryExamples
from deepvein.inference.thinning import fill_between, stride, thinned
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

SEVEN = PatchExamples(slices=7, slice_step_mm=3.0)


@pytest.mark.parametrize(
    ("spacing_mm", "expected"),
    [(0.5, 4), (0.6667, 3), (0.755, 2), (1.0, 2), (1.0001, 2), (1.25, 1), (2.0, 1), (5.0, 1)],
)
def test_slices_that_are_looked_at_are_at_most_two_millimetres_apart(
    spacing_mm: float, expected: int
) -> None:
    assert stride(SEVEN, spacing_mm) == expected


def test_a_network_of_adjacent_slices_looks_at_all() -> None:
    assert stride(PatchExamples(slices=3), 0.5) == 1
    assert stride(TerritoryExamples(), 0.5) == 1


def test_a_thinned_volume_lies_where_its_slices_lie() -> None:
    grid = Grid.from_directions((8, 4, 5), (0.5, 1.0, 1.0), (3.0, 2.0, 1.0))
    volume = Volume(np.arange(160, dtype=np.int16).reshape(grid.shape), grid)
    seen = thinned(volume, 3)
    assert np.shares_memory(seen.array, volume.array)
    np.testing.assert_array_equal(seen.array, volume.array[[0, 3, 6]])
    np.testing.assert_allclose(seen.grid.to_world([(2, 1, 1)]), grid.to_world([(6, 1, 1)]))
    assert thinned(volume, 1) is volume


def test_between_two_slices_it_is_linear_and_behind_the_last_like_it() -> None:
    array = np.zeros((9, 4, 4), np.uint8)
    array[0, 1, 1], array[3, 1, 1], array[6, 2, 2] = 30, 255, 90
    fill_between(array, 3)
    assert array[:, 1, 1].tolist() == [30, 105, 180, 255, 170, 85, 0, 0, 0]
    assert array[:, 2, 2].tolist() == [0, 0, 0, 0, 30, 60, 90, 90, 90]
    assert np.count_nonzero(array) == 11


def test_every_slice_that_was_looked_at_is_left_as_it_is() -> None:
    array = np.random.default_rng(0).integers(0, 256, (5, 6, 7), dtype=np.uint8)
    before = array.copy()
    fill_between(array, 1)
    np.testing.assert_array_equal(array, before)
    fill_between(array, 2)
    np.testing.assert_array_equal(array[::2], before[::2])
