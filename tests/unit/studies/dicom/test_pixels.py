import threading
from dataclasses import replace

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import RLELossless

from deepvein.core.errors import StudyError
from deepvein.studies.dicom.header import read_header
from deepvein.studies.dicom.pixels import read_pixels
from deepvein.studies.reading import read_study
from deepvein.studies.study import Modality
from unit.studies import making


def frames_in(folder):
    return [read_header(path).frames[0] for path in sorted(folder.iterdir())]


def test_run_length_encoded_slices_decode_as_they_were(tmp_path):
    grid = making.grid_of((3, 32, 24))
    array = making.ramp(grid.shape)
    for path in making.series(tmp_path, grid, array).iterdir():
        one = dcmread(path)
        one.compress(RLELossless, encoding_plugin="pydicom")
        one.save_as(path)
    frames = frames_in(tmp_path)
    assert frames[0].layout.offset is None
    np.testing.assert_array_equal(read_pixels(frames, Modality.CT), array)


def test_compressed_pixels_that_are_cut_are_refused(tmp_path):
    path = making.series(tmp_path, making.grid_of((1, 32, 24))) / "s000.dcm"
    one = dcmread(path)
    one.compress(RLELossless, encoding_plugin="pydicom")
    one.save_as(path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(StudyError, match=r"s000\.dcm are truncated"):
        read_pixels(frames_in(tmp_path), Modality.CT)


@pytest.mark.parametrize(("signed", "stored"), [(True, 16), (True, 12), (False, 16), (False, 12)])
def test_stored_types(tmp_path, signed, stored):
    grid = making.grid_of((2, 4, 5))
    values = making.ramp(grid.shape, -100 if signed else 0)
    for index, one in enumerate(making.datasets(grid, values)):
        plane = values[index] & ((1 << stored) - 1) if stored < 16 else values[index]
        making.fill(one, plane, stored, signed=signed)
        one.RescaleIntercept = 0
        making.save(one, tmp_path / str(index))
    np.testing.assert_array_equal(read_pixels(frames_in(tmp_path), Modality.CT), values)


def test_sixteen_unsigned_bits_of_mr_need_floats(tmp_path):
    grid = making.grid_of((1, 4, 5))
    for one in making.datasets(grid, making.ramp(grid.shape, 0), "MR"):
        making.fill(one, np.full((4, 5), 60000), 16)
        making.save(one, tmp_path / "a")
    array = read_pixels(frames_in(tmp_path), Modality.MR)
    assert array.dtype == np.float32
    assert (array == 60000).all()


def test_ct_beyond_int16_is_clipped(tmp_path):
    grid = making.grid_of((1, 4, 5))
    for one in making.datasets(grid, making.ramp(grid.shape)):
        making.fill(one, np.full((4, 5), 65535), 16)
        one.RescaleIntercept = 0
        making.save(one, tmp_path / "a")
    assert (read_pixels(frames_in(tmp_path), Modality.CT) == 32767).all()


def test_what_cannot_be_read_is_refused_before_anything_is_decoded(tmp_path):
    grid = making.grid_of((1, 4, 5))
    making.series(tmp_path, grid)
    (frame,) = frames_in(tmp_path)
    for change, says in [
        ({"samples": 3}, "colour picture"),
        ({"present": False}, "no pixel data"),
        ({"rows": 0}, "neither its rows"),
        ({"allocated": 32}, "32 bits"),
        ({"stored": 18, "high_bit": 11}, "inconsistent"),
        ({"length": 10}, "truncated"),
    ]:
        with pytest.raises(StudyError, match=says):
            read_pixels([replace(frame, layout=replace(frame.layout, **change))], Modality.CT)


def test_no_thread_outlives_an_error(tmp_path):
    making.series(tmp_path, making.grid_of((20, 6, 7)))
    frames = frames_in(tmp_path)
    frames[3].path.write_bytes(b"")
    with pytest.raises(StudyError, match="cannot be read"):
        read_pixels(frames, Modality.CT)
    assert not [one for one in threading.enumerate() if "ThreadPool" in one.name]


@pytest.mark.parametrize("negative", [False, True])
def test_values_whose_sign_is_not_told_are_refused_if_they_may_be_negative(tmp_path, negative):
    grid = making.grid_of((4, 6, 7))
    array = making.ramp(grid.shape, -500 if negative else 100)
    (tmp_path / "a").mkdir()
    for index, one in enumerate(making.datasets(grid, array, "MR")):
        making.fill(one, array[index], 16, signed=True)
        del one.PixelRepresentation
        making.save(one, tmp_path / "a" / str(index))
    frames = frames_in(tmp_path / "a")
    if negative:
        with pytest.raises(StudyError, match="has no PixelRepresentation"):
            read_pixels(frames, Modality.MR)
    else:
        np.testing.assert_array_equal(read_pixels(frames, Modality.MR), array)


def test_a_file_that_says_16_bits_and_holds_8_is_told(tmp_path):
    folder = making.series(tmp_path, modality="MR")
    one = dcmread(folder / "s002.dcm")
    one.PixelData = one.PixelData[::2]
    one.save_as(folder / "s002.dcm")
    with pytest.raises(StudyError, match=r"s002\.dcm says that it has 16 bits a pixel and holds 8"):
        read_study(folder)


@pytest.mark.parametrize(
    ("keyword", "change"), [("Rows", -1), ("Columns", -1), ("PixelData", 1), ("PixelData", 6)]
)
def test_pixels_beyond_those_that_are_counted_refuse_a_file(tmp_path, keyword, change):
    folder = making.series(tmp_path)
    for path in sorted(folder.iterdir()):
        one = dcmread(path)
        if keyword == "PixelData":
            one.PixelData += bytes(2 * one.Columns * change)
        else:
            one[keyword].value += change
        one.save_as(path)
    with pytest.raises(
        StudyError, match=r"s000\.dcm holds \d+ bytes of pixels, \d+ more than .*miscounted"
    ):
        read_study(folder)


def test_a_few_bytes_behind_pixels_are_remarked_on(tmp_path):
    folder = making.series(tmp_path)
    one = dcmread(folder / "s002.dcm")
    one.PixelData += bytes(4)
    one.save_as(folder / "s002.dcm")
    (told,) = [
        remark.text for remark in read_study(folder).remarks if remark.code == "surplus-bytes"
    ]
    assert told == "1 file(s) hold bytes behind their pixels, first s002.dcm; they were not read"


def test_a_frame_more_than_is_counted_refuses_a_file(tmp_path):
    grid = making.grid_of(directions=making.CORONAL)
    one = making.enhanced(grid, making.ramp(grid.shape, 0))
    one.PixelData += bytes(2 * one.Rows * one.Columns)
    making.save(one, tmp_path / "a")
    with pytest.raises(StudyError, match="miscounted"):
        read_study(tmp_path)
