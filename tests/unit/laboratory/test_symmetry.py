from __future__ import annotations

import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.core.errors import MaskError
from deepvein.laboratory.symmetry import complete
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.volume import Volume

RIGHT = encode(VeinSegment.FEMORAL, Side.RIGHT)
LEFT = encode(VeinSegment.FEMORAL, Side.LEFT)
ROWS, COLUMNS = 40, 80


def legs(shift: int = 0, bright: bool = True) -> tuple[Volume, Volume]:
    """Two legs, a vein in each, the left one `shift` columns from its mirror image; the right one drawn."""
    image = np.full((3, ROWS, COLUMNS), -1000, np.int16)
    image[:, 5:35, 10:70] = 50
    segments = np.zeros(image.shape, np.uint8)
    image[:, 18:22, 20:24] = 150
    segments[:, 18:22, 20:24] = RIGHT
    if bright:
        image[:, 18:22, 56 + shift : 60 + shift] = 150
    grid = Grid.from_directions(image.shape, (5.0, 2.0, 2.0))
    return Volume(image, grid), Volume(segments, grid)


def test_a_missing_vein_is_taken_over_where_one_lies() -> None:
    image, segments = legs()
    found = complete(image, segments)
    assert (found.added, found.refused) == (3, 0)
    expected = segments.array.copy()
    expected[:, 18:22, 56:60] = LEFT
    np.testing.assert_array_equal(found.segments.array, expected)


def test_it_is_looked_for_nearby() -> None:
    image, segments = legs(shift=3)
    found = complete(image, segments)
    assert found.added == 3
    assert (found.segments.array[:, 18:22, 59:63] == LEFT).all()


def test_where_nothing_looks_like_a_vein_nothing_is_added() -> None:
    image, segments = legs(bright=False)
    found = complete(image, segments)
    assert (found.added, found.refused) == (0, 3)
    np.testing.assert_array_equal(found.segments.array, segments.array)


def test_what_is_drawn_on_both_sides_stays() -> None:
    image, segments = legs()
    array = segments.array.copy()
    array[:, 18:22, 56:60] = LEFT
    whole = Volume(array, segments.grid)
    found = complete(image, whole)
    assert (found.added, found.refused) == (0, 0)
    np.testing.assert_array_equal(found.segments.array, array)


def test_an_empty_slice_stays_empty() -> None:
    image, segments = legs()
    empty = Volume(np.zeros_like(segments.array), segments.grid)
    assert complete(image, empty).added == 0


def test_other_grids_and_planes_are_refused() -> None:
    image, segments = legs()
    other = Grid.from_directions(image.grid.shape, (5.0, 2.0, 2.5))
    with pytest.raises(MaskError, match="grid"):
        complete(image, Volume(segments.array, other))
    coronal = Grid.from_directions(image.grid.shape, (5.0, 2.0, 2.0), directions=CORONAL)
    with pytest.raises(MaskError, match="axial"):
        complete(Volume(image.array, coronal), Volume(segments.array, coronal))
