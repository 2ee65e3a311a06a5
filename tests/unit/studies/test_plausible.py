import nibabel
import numpy as np
import pytest

from deepvein.core.errors import GeometryError, StudyError
from deepvein.studies.nifti import read_nifti, read_nifti_grid
from deepvein.studies.nrrd import read_nrrd_header
from deepvein.studies.plausible import plausible
from unit.studies import making


@pytest.mark.parametrize("spacing", [(3.0, 0.9, 0.8), (0.5, 0.05, 0.05), (20.0, 8.0, 8.0)])
def test_what_shows_a_body_passes(spacing):
    grid = making.grid_of((5, 6, 7), spacing, (-2000, 0, 3000))
    assert plausible(grid, "it") is grid


@pytest.mark.parametrize(
    ("spacing", "origin", "says"),
    [
        ((1e8, 1, 1), (0, 0, 0), "it has voxels of 1e.08 x 1 x 1 mm"),
        ((3, 0.001, 1), (0, 0, 0), "voxels of 3 x 0.001 x 1 mm"),
        ((3, 1, 1), (0, 0, 1e6), "reaches 1e.06 mm from the origin"),
    ],
)
def test_what_shows_none_is_refused(spacing, origin, says):
    with pytest.raises(GeometryError, match=says):
        plausible(making.grid_of((5, 6, 7), spacing, origin), "it")


def test_rows_of_a_nifti_file_that_cannot_be_meant(tmp_path):
    affine = np.diag([1e30, 1e30, 1e30, 1])
    nibabel.save(nibabel.Nifti1Image(np.zeros((4, 4, 4), np.int16), affine), tmp_path / "a.nii")
    with pytest.raises(GeometryError, match=r"a\.nii has voxels of 1e.30"):
        read_nifti_grid(tmp_path / "a.nii")


def test_a_scale_of_a_nifti_file_that_cannot_be_meant(tmp_path):
    image = nibabel.Nifti1Image(np.ones((4, 4, 4), np.int16), np.eye(4))
    nibabel.save(image, tmp_path / "a.nii")
    raw = bytearray((tmp_path / "a.nii").read_bytes())
    raw[112:116] = np.float32(1e12).tobytes()  # scl_slope
    (tmp_path / "a.nii").write_bytes(raw)
    with pytest.raises(StudyError, match=r"scales its values by 1e.12"):
        read_nifti(tmp_path / "a.nii")


def test_directions_of_a_nrrd_file_that_cannot_be_meant(tmp_path):
    header = (
        "NRRD0004\ntype: short\ndimension: 3\nsizes: 2 2 2\nspace: left-posterior-superior\nencoding: raw\n"
        "endian: little\nspace directions: (1e9,0,0) (0,1,0) (0,0,1)\nspace origin: (0,0,0)\n\n"
    )
    (tmp_path / "a.nrrd").write_bytes(header.encode() + bytes(16))
    with pytest.raises(GeometryError, match=r"a\.nrrd has voxels of"):
        read_nrrd_header(tmp_path / "a.nrrd")
