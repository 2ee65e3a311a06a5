from dataclasses import replace

import numpy as np
import pytest

from deepvein.studies.dicom.header import read_header
from deepvein.studies.dicom.padding import padding_mask
from deepvein.studies.dicom.pixels import read_pixels
from deepvein.studies.study import Modality
from unit.studies import making


def one_slice(
    folder, plane, padding=None, limit=None, signed=False, intercept=-1024, modality="CT"
):
    grid = making.grid_of((1, *plane.shape))
    (one,) = making.datasets(grid, np.zeros((1, *plane.shape)), modality)
    making.fill(one, plane, signed=signed)
    if modality == "CT":
        one.RescaleIntercept = intercept
    kind = "SS" if signed else "US"
    if padding is not None:
        one.add_new(0x00280120, kind, padding)
    if limit is not None:
        one.add_new(0x00280121, kind, limit)
    making.save(one, folder / "a.dcm")
    return read_header(folder / "a.dcm").frames[0]


def framed(inside, outside):
    """10 x 10 pixels `inside`, with a border of `outside`."""
    plane = np.full((10, 10), outside)
    plane[1:-1, 1:-1] = inside
    return plane


@pytest.mark.parametrize(
    ("outside", "padding", "limit", "signed"),
    [
        (63536, 63536, None, False),
        (63600, 63536, 63700, False),
        (63536, 63700, 63536, False),
        (-2000, -2000, None, True),
        (30000, 30000, None, True),
    ],
)
def test_padding_becomes_air(tmp_path, outside, padding, limit, signed):
    frame = one_slice(tmp_path, framed(1100, outside), padding, limit, signed)
    np.testing.assert_array_equal(read_pixels([frame], Modality.CT)[0], framed(76, -1024))


def test_padding_whose_sign_was_written_the_other_way_is_understood(tmp_path):
    frame = one_slice(tmp_path, framed(1100, 63536))
    frame = replace(frame, padding=(-2000, -2000))
    assert (read_pixels([frame], Modality.CT)[0][0] == -1024).all()
    signed = one_slice(tmp_path, framed(1100, -2000), signed=True)
    marked = padding_mask(
        framed(1100, -2000).astype("i2"), replace(signed, padding=(63536,) * 2), Modality.CT
    )
    np.testing.assert_array_equal(marked, framed(0, 1).astype(bool))


def test_water_inside_a_leg_is_no_padding(tmp_path):
    plane = framed(40, 0)
    plane[5, 5] = 0
    frame = one_slice(tmp_path, plane, 0, signed=True, intercept=0)
    expected = framed(40, -1024)
    expected[5, 5] = 0
    np.testing.assert_array_equal(read_pixels([frame], Modality.CT)[0], expected)


def test_padding_of_mr_has_no_signal(tmp_path):
    frame = one_slice(tmp_path, framed(300, 32767), 32767, modality="MR")
    np.testing.assert_array_equal(read_pixels([frame], Modality.MR)[0], framed(300, 0))


def test_a_file_without_padding_or_without_its_value_is_left_alone(tmp_path):
    plane = framed(1100, 1000)
    assert padding_mask(plane, one_slice(tmp_path, plane), Modality.CT) is None
    assert padding_mask(plane, one_slice(tmp_path, plane, 63536), Modality.CT) is None
