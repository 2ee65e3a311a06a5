import os

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian, RLELossless

from deepvein.studies.dicom.decompression import decompressed
from deepvein.studies.guard import DecodingError
from unit.studies import making


@pytest.fixture
def path(tmp_path):
    grid = making.grid_of((3, 8, 9))
    path = making.save(making.enhanced(grid, making.ramp(grid.shape, 0)), tmp_path / "a.dcm")
    one = dcmread(path)
    one.compress(RLELossless, encoding_plugin="pydicom")
    one.save_as(path)
    return path


def test_the_pixels_are_those_that_were_compressed(path):
    one = decompressed(dcmread(path), path)
    assert one.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    np.testing.assert_array_equal(one.pixel_array, making.ramp((3, 8, 9), 0))


def test_what_is_not_compressed_stays_as_it_is(tmp_path):
    path = making.series(tmp_path) / "s000.dcm"
    one = dcmread(path)
    assert decompressed(one, path) is one
    assert one == dcmread(path)


def test_damaged_pixels_are_an_error(path):
    one = dcmread(path)
    os.truncate(path, path.stat().st_size - 150)
    with pytest.raises(DecodingError):
        decompressed(one, path)
