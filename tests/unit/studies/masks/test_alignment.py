import numpy as np
import pytest

from deepvein.core.errors import MaskError
from deepvein.studies.masks.alignment import grid_remarks, place
from deepvein.volumes.grid import AXIAL, Grid
from deepvein.volumes.orient import orient
from deepvein.volumes.volume import Volume
from unit.studies import making


def sizes(grid):
    return " x ".join(f"{mm:.2f}" for mm in grid.spacing_mm)


def blob(grid):
    array = np.zeros(grid.shape, np.uint8)
    array[1:4, 2:5, 2:6] = 7
    return Volume(array, grid)


def test_a_mask_on_the_same_grid_is_itself():
    grid = making.grid_of()
    placed = place(blob(grid), grid)
    np.testing.assert_array_equal(placed.array, blob(grid).array)
    assert placed.grid is grid


@pytest.mark.parametrize("directions", making.ORIENTATIONS.values(), ids=making.ORIENTATIONS)
def test_swapped_and_reversed_axes_are_undone(directions):
    grid = making.grid_of(directions=directions)
    turned = orient(blob(grid), grid.directions @ np.array([[0, 1, 0], [0, 0, -1], [-1, 0, 0]]))
    assert turned.array.shape != blob(grid).array.shape
    np.testing.assert_array_equal(place(turned, grid).array, blob(grid).array)


def test_a_smaller_mask_is_pasted_where_it_lies():
    grid = making.grid_of()
    whole = blob(grid)
    part = Volume(whole.array[1:, 1:6, 2:], grid.crop((1, 1, 2), (5, 6, 7)))
    np.testing.assert_array_equal(place(part, grid).array, whole.array)


def test_a_larger_mask_may_only_be_empty_outside():
    grid = making.grid_of()
    inner = grid.crop((0, 1, 1), (5, 6, 7))
    np.testing.assert_array_equal(place(blob(grid), inner).array, blob(grid).array[:, 1:6, 1:7])
    with pytest.raises(MaskError, match="24 of 36 marked voxels outside"):
        place(blob(grid), grid.crop((0, 0, 0), (2, 6, 7)))


def test_another_resolution_is_sampled():
    grid = making.grid_of((20, 40, 40), (2.0, 1.0, 1.0))
    fine = Grid.from_directions((40, 80, 80), (1.0, 0.5, 0.5), grid.origin_mm, AXIAL)
    world = fine.to_world(np.argwhere(np.ones(fine.shape)))
    centre = grid.to_world([[10, 20, 20]])[0]
    ball = np.linalg.norm(world - centre, axis=1) < 8
    placed = place(Volume(ball.reshape(fine.shape).astype(np.uint8), fine), grid)
    volume = placed.array.sum() * grid.voxel_volume_ml
    assert volume == pytest.approx(4 / 3 * np.pi * 0.8**3, rel=0.05)


def test_what_lies_elsewhere_is_refused():
    grid = making.grid_of()
    far = making.grid_of(origin=(500.0, 0.0, 0.0))
    with pytest.raises(MaskError, match="does not touch the image"):
        place(blob(far), grid)
    half = making.grid_of(origin=(-20.0 + 3.3, 15.0, -300.0))
    with pytest.raises(MaskError, match="outside the image"):
        place(blob(half), grid.crop((0, 0, 0), (5, 6, 6)))


def test_frames_of_reference_must_agree_where_both_are_known():
    grid = Grid((5, 6, 7), making.grid_of().affine, "1.2.3")
    other = Grid((5, 6, 7), making.grid_of().affine, "1.2.4")
    with pytest.raises(MaskError, match=r"frame of reference 1\.2\.4, the image in 1\.2\.3"):
        place(blob(other), grid)
    assert place(blob(making.grid_of()), grid).array.any()


@pytest.mark.parametrize(
    ("voxels", "says"),
    [((0, 0, 0), ""), ((0.05, 0, 0), ""), ((0, 0.5, 0), "0.5"), ((0, 0, -1), "1.0")],
)
def test_a_mask_beside_its_image_by_parts_of_a_voxel_is_remarked(voxels, says):
    grid = making.grid_of()
    origin = grid.to_world([voxels])[0]
    moved = Grid.from_directions(grid.shape, grid.spacing_mm, origin, grid.directions)
    told = grid_remarks(blob(moved), grid, "m.nii")
    assert bool(told) is bool(says)
    assert not says or f"m.nii lies {says} voxels off the grid" in told[0]


def test_a_part_of_the_images_voxels_or_another_resolution_is_not_beside_it():
    grid = making.grid_of()
    assert grid_remarks(blob(grid.crop((1, 1, 1), (5, 6, 7))), grid, "m.nii") == ()
    fine = Grid.from_directions((8, 9, 9), np.array(grid.spacing_mm) / 2, grid.origin_mm, AXIAL)
    (told,) = grid_remarks(blob(fine), grid, "m.nii")
    assert told.startswith(
        f"m.nii has voxels of {sizes(fine)} mm, its image of {sizes(grid)} mm; each"
    )


def test_an_empty_mask_belongs_if_it_touches():
    grid = making.grid_of()
    empty = Volume(np.zeros(grid.shape, np.uint8), grid)
    assert not place(empty, grid).array.any()
