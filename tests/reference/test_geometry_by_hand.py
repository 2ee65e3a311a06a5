"""Positions worked out on paper from DICOM's own formula (PS3.3 C.7.6.2.1.1):
P = IPP + IOP_row * column spacing * column + IOP_column * row spacing * row."""

import numpy as np

from deepvein.volumes.grid import CORONAL, Grid, Plane


def test_a_feet_first_prone_axial_series():
    """IOP (1, 0, 0, 0, -1, 0): rows run to the front; slices run to the feet, 4 mm apart; IPP of the first
    slice (-175, 140, 900); PixelSpacing 0.5 (rows) and 0.75 (columns)."""
    turn = np.array([[0.0, 0.0, 1.0], [0.0, -1.0, 0.0], [-1.0, 0.0, 0.0]])
    grid = Grid.from_directions((10, 512, 512), (4.0, 0.5, 0.75), (-175.0, 140.0, 900.0), turn)
    # Slice 3, row 100, column 200: x = -175 + 0.75 * 200, y = 140 - 0.5 * 100, z = 900 - 4 * 3.
    assert grid.to_world((3, 100, 200)).tolist() == [[-25.0, 90.0, 888.0]]
    assert grid.plane is Plane.AXIAL
    assert grid.body_positions_mm()[[0, 9]].tolist() == [900, 864]
    assert grid.voxel_volume_ml == 4 * 0.5 * 0.75 / 1000


def test_the_published_coronal_matrix():
    """Huang 2019: 961 x 345 pixels of 0.75 x 0.55 mm in slices of 0.6 mm. 93 of them, front to back."""
    grid = Grid.from_directions((93, 961, 345), (0.6, 0.75, 0.55), (-94.6, -27.6, 720.0), CORONAL)
    # The last voxel: x = -94.6 + 344 * 0.55, y = -27.6 + 92 * 0.6, z = 720 - 960 * 0.75.
    np.testing.assert_allclose(grid.to_world((92, 960, 344)), [[94.6, 27.6, 0.0]], atol=1e-9)
    assert grid.body_axis == 1
    np.testing.assert_allclose(grid.corners_mm[:, 2].max(), 720.375)
    np.testing.assert_allclose(grid.voxel_volume_ml, 0.0002475)
