import base64

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import HTJ2K, HTJ2KLossless, HTJ2KLosslessRPCL, RLELossless

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
    np.testing.assert_array_equal(decode_frames(path, [2, 0], 8, 9, RLELossless), array[[2, 0]])


def test_another_size_than_the_header_says_is_refused(stacked):
    with pytest.raises(ValueError, match=r"\(8, 9\) decoded, 8 x 8 expected"):
        decode_frames(stacked[0], [0], 8, 8, RLELossless)


CODE_STREAM = base64.b64decode(
    "/0//UQApQAAAAAAJAAAACAAAAAAAAAAAAAAACQAAAAgAAAAAAAAAAAABjwEB/1AACAACAAAACv9SAAwAAgABAAUEBEAB/1wAEyCIkJCQkJCQ"
    "kJCQkJCQiIiI/2QAFwABT3BlbkpQSCBWZXIgMC4yNi4zLv+QAAoAAAAAAEwAAf+TwAAltwEHdAAAwAATAE7+Agd0AKAACcDcy70AwjQAoAAK"
    "oNjFDrsAGMB3VgCgABXAmGLChAnT4BBGQgHsuAD/2Q=="
)
"""HTJ2K by OpenJPH 0.26.3 of 8 x 9 signed values of 16 bits, 37 apart from -1000 on."""


@pytest.mark.parametrize("syntax", [HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K])
def test_high_throughput_jpeg_2000_is_decoded_as_it_was(tmp_path, syntax):
    values = (np.arange(72).reshape(1, 8, 9) * 37 - 1000).astype(np.int16)
    (one,) = making.datasets(making.grid_of((1, 8, 9)), np.zeros((1, 8, 9), np.int16))
    making.fill(one, values[0], signed=True)
    one.PixelData = encapsulate([CODE_STREAM])
    path = making.save(one, tmp_path / "a.dcm", syntax)
    decoded = decode_frames(str(path), [0], 8, 9, syntax)
    np.testing.assert_array_equal(decoded, values)
    assert decoded.dtype == np.int16
