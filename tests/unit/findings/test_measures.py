import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.anatomy.veins import Side
from deepvein.findings.finding import Occlusion
from deepvein.findings.measures import diameter_mm, filling, key_voxel
from deepvein.volumes.grid import CORONAL, Grid
from unit.findings.legs import Legs, Tube, axial


def drawn(rows: list[str], slice_number: int = 0) -> np.ndarray:
    place = [(r, c) for r, row in enumerate(rows) for c, mark in enumerate(row) if mark == "#"]
    return np.array([(slice_number, r, c) for r, c in place], dtype=np.int64)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["#"], 1.0),
        (["####"], 4.0),
        (["##", "##"], np.hypot(2, 1)),
        (["###", "###", "###"], np.hypot(3, 2)),
        (["#..", ".#.", "..#"], np.hypot(3, 2)),
        (["#....#"], 1.0),
    ],
)
def test_feret_diameter_of_drawn_sections(rows: list[str], expected: float):
    """Between the midpoints of pixel edges; separate parts are measured one by one."""
    grid = Grid.from_directions((1, 8, 8), (1.0, 1.0, 1.0))
    assert diameter_mm(drawn(rows), grid) == pytest.approx(expected)


def test_diameter_takes_the_largest_section_and_ignores_length_along_the_body():
    grid = Grid.from_directions((50, 8, 8), (1.0, 0.5, 0.5))
    column = np.array([(z, 3, 3) for z in range(50)])
    wide = drawn(["......", "####"], 20)
    assert diameter_mm(np.concatenate([column, wide]), grid) == pytest.approx(2.0)
    assert diameter_mm(np.zeros((0, 3), np.int64), grid) == 0


@given(st.floats(4, 12), st.sampled_from([0.5, 1.0]))
def test_a_disc_has_its_diameter_within_a_pixel(radius: float, spacing: float):
    count = int(2 * radius / spacing) + 4
    grid = Grid.from_directions((1, count, count), (1.0, spacing, spacing))
    rows, columns = np.indices((count, count))
    middle = (count - 1) / 2
    disc = np.hypot(rows - middle, columns - middle) * spacing <= radius
    indices = np.argwhere(disc[None])
    assert diameter_mm(indices, grid) == pytest.approx(2 * radius, abs=1.05 * spacing)


def test_sections_of_coronal_slices_run_across_the_body():
    """A bar of 3 slices (6 mm deep) by 20 rows along the body by 2 columns (3 mm wide)."""
    grid = Grid.from_directions((5, 30, 5), (2.0, 1.0, 1.5), (0, 0, 0), CORONAL)
    bar = np.argwhere(np.ones((3, 20, 2), bool))
    assert diameter_mm(bar, grid) == pytest.approx(np.hypot(6.0, 1.5))


@pytest.mark.parametrize(
    ("radius_mm", "occlusion"), [(7.0, Occlusion.OCCLUSIVE), (4.0, Occlusion.PARTIAL)]
)
def test_filling_is_the_ratio_of_areas(radius_mm: float, occlusion: Occlusion):
    grid = axial((20, 1, 1), bottom_mm=400)
    legs = Legs((Tube(Side.LEFT, 440, 520, radius_mm),))
    prediction = legs.prediction(grid)
    result = filling(np.argwhere(prediction.thrombus_probability > 0), prediction)
    assert result.fraction == pytest.approx((radius_mm / 7) ** 2, abs=0.02)
    assert result.occlusion is occlusion


def test_a_coarse_grid_does_not_tell_occlusion():
    grid = axial((20, 8, 8))
    prediction = Legs((Tube(Side.LEFT, 440, 520, 7),)).prediction(grid)
    indices = np.argwhere(prediction.thrombus_probability > 0)
    assert filling(indices, prediction).occlusion is Occlusion.UNDETERMINED


def test_a_thrombus_outside_any_vein_fills_itself():
    grid = axial((20, 4, 4))
    prediction = Legs(veins=False).prediction(grid)
    block = np.argwhere(np.ones((2, 3, 3), bool))
    assert filling(block, prediction).fraction == 1


def test_key_voxel_lies_on_the_strongest_slice_near_its_centre():
    indices = np.array([(2, 5, 5), (3, 5, 4), (3, 5, 5), (3, 5, 6), (4, 5, 5)])
    weights = np.array([200, 150, 150, 150, 200], np.uint8)
    assert key_voxel(indices, weights).tolist() == [3, 5, 5]


def test_key_voxel_of_a_uniform_tube_lies_in_its_middle():
    indices = np.array([(z, 0, 0) for z in range(10, 21)])
    assert key_voxel(indices, np.full(11, 200, np.uint8)).tolist() == [15, 0, 0]
