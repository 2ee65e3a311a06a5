import numpy as np
import pytest

from deepvein.anatomy.veins import Side
from deepvein.inference.second_reader.sections import sections
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.orient import orient
from deepvein.volumes.volume import Volume

GRID = Grid.from_directions((20, 60, 70), (3.0, 0.8, 0.9), (-30.0, -20.0, 100.0))


def ramp() -> Volume:
    """x + 2 y + 3 z of each voxel, which linear interpolation gives back exactly."""
    index = np.stack(np.meshgrid(*(np.arange(n) for n in GRID.shape), indexing="ij"), axis=-1)
    points = GRID.to_world(index.reshape(-1, 3))
    return Volume((points @ [1, 2, 3]).reshape(GRID.shape).astype(np.float32), GRID)


POINTS = np.array([[0.0, 3.0, 110.0], [5.0, 1.0, 131.5]])


@pytest.mark.parametrize(
    "turn", [lambda v: v, lambda v: orient(v, CORONAL)], ids=["axial", "coronal"]
)
@pytest.mark.parametrize(("side", "sign"), [(Side.LEFT, 1), (Side.RIGHT, -1), (Side.UNKNOWN, 1)])
def test_sections_lie_where_they_should_in_any_orientation(turn, side, sign):
    found = sections(turn(ramp()), POINTS, side, 8, 1.5, -1.0)
    offset = (np.arange(8) - 3.5) * 1.5
    for section, (x, y, z) in zip(found, POINTS, strict=True):
        wanted = (x + sign * offset)[None, :] + 2 * (y + offset)[:, None] + 3 * z
        assert section == pytest.approx(wanted, abs=1e-3)


def test_beyond_the_volume_is_outside():
    found = sections(ramp(), np.array([[0.0, 0.0, 500.0]]), Side.LEFT, 6, 1.0, -7.0)
    assert (found == -7).all()


def test_no_points_give_no_sections():
    assert sections(ramp(), np.zeros((0, 3)), Side.LEFT, 6, 1.0, 0.0).shape == (0, 6, 6)
