import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deepvein.core.errors import GeometryError
from deepvein.volumes.grid import AXIAL, CORONAL, Grid, Plane

lengths = st.floats(0.2, 10)
places = st.floats(-500, 500)


@st.composite
def rotations(draw: st.DrawFn) -> np.ndarray:
    """Any orthogonal matrix, mirrored ones included: arrays may be stored either way round."""
    numbers = draw(hnp.arrays(float, (3, 3), elements=st.floats(-1, 1)))
    q, _ = np.linalg.qr(numbers + 2 * np.eye(3))
    return q * draw(st.sampled_from([1.0, -1.0]))


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    shape = draw(st.tuples(*[st.integers(1, 20)] * 3))
    spacing = draw(st.tuples(lengths, lengths, lengths))
    origin = draw(st.tuples(places, places, places))
    return Grid.from_directions(shape, spacing, origin, draw(rotations()))


indices = hnp.arrays(float, (4, 3), elements=st.floats(-50, 50))


@given(grids(), indices)
def test_to_world_and_back(grid: Grid, index: np.ndarray):
    np.testing.assert_allclose(grid.to_index(grid.to_world(index)), index, atol=1e-6)


@given(grids(), indices)
def test_distances_are_those_of_the_spacing(grid: Grid, index: np.ndarray):
    world = grid.to_world(index)
    apart = (index[1:] - index[:-1]) * np.array(grid.spacing_mm)
    np.testing.assert_allclose(
        np.linalg.norm(world[1:] - world[:-1], axis=1), np.linalg.norm(apart, axis=1), atol=1e-6
    )


@given(grids())
def test_a_grid_is_made_again_from_its_parts(grid: Grid):
    again = Grid.from_directions(grid.shape, grid.spacing_mm, grid.origin_mm, grid.directions)
    assert again.matches(grid)
    volume = abs(np.linalg.det(grid.affine[:3, :3])) / 1000
    assert grid.voxel_volume_ml == pytest.approx(volume)


@given(grids(), st.data())
def test_a_crop_keeps_its_voxels_where_they_were(grid: Grid, data: st.DataObject):
    start = tuple(data.draw(st.integers(0, n - 1)) for n in grid.shape)
    stop = tuple(data.draw(st.integers(a + 1, n)) for a, n in zip(start, grid.shape, strict=True))
    crop = grid.crop(start, stop)
    assert crop.shape == tuple(b - a for a, b in zip(start, stop, strict=True))
    np.testing.assert_allclose(crop.to_world((0, 0, 0)), grid.to_world(start), atol=1e-9)
    np.testing.assert_allclose(crop.affine[:3, :3], grid.affine[:3, :3])


@given(grids())
def test_corners_enclose_every_voxel_by_half_its_size(grid: Grid):
    corners = grid.to_index(grid.corners_mm)
    assert len(np.unique(corners.round(6), axis=0)) == 8
    np.testing.assert_allclose(corners.min(axis=0), -0.5, atol=1e-6)
    np.testing.assert_allclose(corners.max(axis=0), np.array(grid.shape) - 0.5, atol=1e-6)


@given(grids())
def test_body_positions_are_z_along_the_axis_nearest_to_the_body(grid: Grid):
    axis = grid.body_axis
    steps = np.abs(grid.affine[2, :3]) / np.array(grid.spacing_mm)
    assert steps[axis] == pytest.approx(steps.max())
    positions = grid.body_positions_mm()
    assert len(positions) == grid.shape[axis]
    middle = (np.array(grid.shape) - 1) / 2
    for number in (0, grid.shape[axis] - 1):
        middle[axis] = number
        assert positions[number] == pytest.approx(grid.to_world(middle)[0, 2], abs=1e-6)


def test_the_default_is_axial_from_feet_to_head():
    grid = Grid.from_directions((10, 20, 30), (5.0, 0.7, 0.6), (-9.0, -7.0, 100.0))
    assert grid.plane is Plane.AXIAL
    assert grid.body_axis == 0
    assert grid.to_world((2, 10, 20)).tolist() == [[3.0, 0.0, 110.0]]
    assert grid.spacing_mm == pytest.approx((5.0, 0.7, 0.6))


def test_coronal_rows_run_to_the_feet():
    grid = Grid.from_directions((4, 5, 6), (2.0, 1.0, 1.0), (0, 0, 0), CORONAL)
    assert grid.plane is Plane.CORONAL
    assert grid.body_axis == 1
    assert grid.to_world((1, 2, 3)).tolist() == [[3.0, 2.0, -2.0]]
    assert grid.body_positions_mm().tolist() == [0, -1, -2, -3, -4]


def test_sagittal_is_told():
    grid = Grid.from_directions((2, 2, 2), (1.0,) * 3, (0, 0, 0), AXIAL[:, [2, 0, 1]])
    assert grid.plane is Plane.SAGITTAL


def test_no_points_are_no_points():
    grid = Grid.from_directions((2, 2, 2), (1.0,) * 3)
    assert grid.to_world(np.zeros((0, 3))).shape == (0, 3)
    assert grid.to_index([]).shape == (0, 3)


def test_matching_has_a_tolerance_and_needs_the_shape():
    grid = Grid.from_directions((100, 2, 2), (1.0,) * 3)
    nearly = Grid.from_directions((100, 2, 2), (1.00005, 1.0, 1.0))
    assert grid.matches(nearly)
    assert not grid.matches(Grid.from_directions((100, 2, 2), (1.001, 1.0, 1.0)))
    assert not grid.matches(Grid.from_directions((99, 2, 2), (1.0,) * 3))


def test_a_grid_cannot_be_changed_through_its_affine():
    affine = np.eye(4)
    grid = Grid((1, 1, 1), affine)
    affine[0, 3] = 9
    assert grid.origin_mm.tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="read-only"):
        grid.affine[0, 3] = 9


SHEARED = np.eye(4)
SHEARED[1, 0] = 0.2
FLAT = np.diag([1.0, 1.0, 0.0, 1.0])
UNKNOWN = np.diag([1.0, np.nan, 1.0, 1.0])


@pytest.mark.parametrize(
    ("shape", "affine", "text"),
    [
        ((0, 1, 1), np.eye(4), "one voxel or more"),
        ((2, 2), np.eye(4), "three axes"),
        ((1, 1, 1), np.eye(3), "4x4"),
        ((1, 1, 1), UNKNOWN, "finite"),
        ((1, 1, 1), FLAT, "larger than 0 mm"),
        ((1, 1, 1), SHEARED, "not perpendicular"),
    ],
)
def test_what_is_no_regular_grid_is_refused(shape, affine, text: str):
    with pytest.raises(GeometryError, match=text):
        Grid(shape, affine)
