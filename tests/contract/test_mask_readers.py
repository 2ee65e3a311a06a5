"""What every mask reader in the registry promises."""

import hashlib

import numpy as np
import pytest

from deepvein.core.errors import MaskError
from deepvein.studies.masks import MASK_READERS, read_labels, read_mask
from deepvein.studies.nifti import write_nifti
from deepvein.studies.reading import read_study
from deepvein.volumes.volume import Volume
from unit.studies import making
from unit.studies.masks.test_reading import nrrd
from unit.studies.masks.test_rtstruct import rtstruct
from unit.studies.masks.test_seg import segmentation

ALL = [pytest.param(name, id=name) for name in MASK_READERS.names()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A block in an image, in every format."""
    folder = tmp_path_factory.mktemp("masks")
    grid = read_study(making.series(folder / "image", making.grid_of(making.SHAPE))).volume.grid
    block = Volume(np.zeros(grid.shape, np.uint8), grid)
    block.array[2, 2:6, 3:8] = 1
    write_nifti(block, folder / "nifti.nii.gz")
    nrrd(folder / "nrrd.nrrd", block)
    segmentation(folder / "image", block.array, "BINARY", ("clot",)).save_as(folder / "seg.dcm")
    corners = [(1.5, 2.5), (1.5, 7.5), (5.5, 7.5), (5.5, 2.5)]
    rtstruct(folder / "rtstruct.dcm", grid, [(2, corners)])
    return folder, block


def file_of(name, folder):
    (path,) = folder.glob(f"{name}.*")
    return path


@pytest.mark.parametrize("name", ALL)
def test_the_mask_comes_back_from_every_format(name, folder):
    root, block = folder
    path = file_of(name, root)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    assert [one for one in MASK_READERS.names() if MASK_READERS.get(one).accepts(path)] == [name]
    labels = read_labels(path, block.grid)
    np.testing.assert_array_equal(labels.volume.array, block.array)
    assert labels.volume.grid is block.grid
    assert labels.remarks == ()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


@pytest.mark.parametrize("name", ALL)
def test_a_mask_that_lies_elsewhere_is_refused(name, folder):
    root, block = folder
    affine = block.grid.affine.copy()
    affine[:3, 3] += 500.0
    moved = type(block.grid)(block.grid.shape, affine, block.grid.frame_of_reference)
    with pytest.raises(MaskError):
        read_mask(file_of(name, root), moved)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_file_that_was_cut_is_refused(name, share, folder, tmp_path):
    root, block = folder
    path = file_of(name, root)
    whole = path.read_bytes()
    cut = tmp_path / path.name
    cut.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(MaskError):
        read_mask(cut, block.grid)
