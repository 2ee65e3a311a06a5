import numpy as np
import pytest

from deepvein.core.errors import GeometryError
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

GRID = Grid.from_directions((2, 3, 4), (1.0, 1.0, 1.0))


def test_array_and_grid_must_have_one_shape():
    with pytest.raises(GeometryError, match=r"\(2, 3, 5\).*\(2, 3, 4\)"):
        Volume(np.zeros((2, 3, 5)), GRID)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused_with_its_slice(value: float):
    array = np.zeros((2, 3, 4), np.float32)
    array[1, 0, 0] = value
    with pytest.raises(GeometryError, match="slice 1"):
        Volume(array, GRID).require_finite()


def test_finite_and_whole_numbers_pass():
    for dtype in (np.int16, np.float32):
        volume = Volume(np.zeros((2, 3, 4), dtype), GRID)
        assert volume.require_finite() is volume
