from dataclasses import replace

import numpy as np
import pytest
from pydicom import dcmread

from deepvein.core.errors import StudyError
from deepvein.studies.dicom.header import read_header
from deepvein.studies.dicom.spare_bits import without_spare_bits
from unit.studies import making

VALUES = np.arange(-8, 12).reshape(4, 5)


def frame(folder, stored=12, high_bit=None, signed=False):
    path = making.series(folder, making.grid_of((1, 4, 5))) / "s000.dcm"
    (one,) = read_header(path).frames
    high_bit = stored - 1 if high_bit is None else high_bit
    return replace(one, layout=replace(one.layout, stored=stored, high_bit=high_bit, signed=signed))


def test_a_sign_may_be_spread_over_spare_bits_or_not(tmp_path):
    one = frame(tmp_path, signed=True)
    spread = VALUES.astype("<i2")
    np.testing.assert_array_equal(without_spare_bits(spread, one), VALUES)
    np.testing.assert_array_equal(without_spare_bits(spread & 0xFFF, one), VALUES)


def test_values_in_the_upper_bits_come_down(tmp_path):
    left = (VALUES + 8).astype("<u2") << 4
    np.testing.assert_array_equal(
        without_spare_bits(left, frame(tmp_path, high_bit=15)), VALUES + 8
    )


def test_a_high_bit_below_the_bits_stored_matters_only_to_values_that_need_them(tmp_path):
    unsigned = frame(tmp_path, stored=16, high_bit=11)
    signed = frame(tmp_path, stored=16, high_bit=11, signed=True)
    for one, kind, low, high, beyond in (
        (unsigned, "<u2", 0, 4095, 4096),
        (signed, "<i2", -2048, 2047, 2048),
    ):
        plane = np.array([[low, high]], kind)
        np.testing.assert_array_equal(without_spare_bits(plane, one), plane)
        plane[0, 1] = beyond
        with pytest.raises(StudyError, match=r"BitsStored \(0028,0101\) 16 and HighBit .* 11"):
            without_spare_bits(plane, one)


def test_a_high_bit_that_the_pixels_contradict_is_refused(tmp_path):
    with pytest.raises(
        StudyError, match=r"HighBit \(0028,0102\) 15, but its pixels use other bits"
    ):
        without_spare_bits((VALUES + 8).astype("<u2"), frame(tmp_path, high_bit=15))


def test_values_beyond_the_bits_stored_are_refused_unless_they_are_padding_or_overlay(tmp_path):
    one = frame(tmp_path)
    plane = (VALUES + 8).astype("<u2")
    plane[0, 0] = 63536
    with pytest.raises(StudyError, match=r"BitsStored \(0028,0101\) 12"):
        without_spare_bits(plane, one)
    without_spare_bits(plane, one, plane == 63536)
    dataset = dcmread(one.path)
    dataset.add_new(0x60000102, "US", 12)
    dataset.save_as(one.path)
    assert without_spare_bits(plane, one)[0, 0] == 63536 & 0xFFF


def test_pixels_without_spare_bits_are_left_alone(tmp_path):
    plane = VALUES.astype("<i2")
    assert without_spare_bits(plane, frame(tmp_path, stored=16, signed=True)) is plane
