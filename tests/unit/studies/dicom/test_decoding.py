import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import RLELossless

from deepvein.studies.dicom.decoding import decode_frames
from unit.studies import making


@pytest.fixture
def stacked(tmp_path):
    """An Enhanced object of three run-length encoded frames."""
    grid = making.grid_of((3, 8, 9))
    array = making.ramp(grid.shape, 0)
    path = making.save(making.enhanced(grid, array), tmp_path / "a.dcm")
    one = dcmread(path)
    one.compress(RLELossless, encoding_plugin="pydicom")
    one.save_as(path)
    return str(path), array


def test_only_the_wanted_frames_are_decoded(stacked):
    path, array = stacked
    np.testing.assert_array_equal(decode_frames(path, [2, 0], 8, 9, False), array[[2, 0]])


def test_another_size_than_the_header_says_is_refused(stacked):
    with pytest.raises(ValueError, match=r"\(8, 9\) decoded, 8 x 8 expected"):
        decode_frames(stacked[0], [0], 8, 8, False)
