import io

import pytest
from pydicom import dcmread
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from deepvein.studies.dicom.layout import read_layout
from unit.studies import making


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]
)
def test_pixels_are_found_in_every_native_encoding(tmp_path, syntax):
    grid = making.grid_of((1, 6, 7))
    one = making.datasets(grid, making.ramp(grid.shape))[0]
    one["PixelData"].VR = "OW"
    raw = making.save(one, tmp_path / "a", syntax).read_bytes()
    file = io.BytesIO(raw)
    layout = read_layout(dcmread(file, stop_before_pixels=True), file)
    assert layout.present
    assert layout.big_endian is (syntax == ExplicitVRBigEndian)
    assert (layout.rows, layout.columns, layout.frames) == (6, 7, 1)
    assert raw[layout.offset : layout.offset + layout.length] == one.PixelData


def test_a_file_without_pixels_says_so(tmp_path):
    grid = making.grid_of((1, 6, 7))
    one = making.datasets(grid, making.ramp(grid.shape))[0]
    del one.PixelData
    with making.save(one, tmp_path / "a").open("rb") as file:
        layout = read_layout(dcmread(file, stop_before_pixels=True), file)
    assert not layout.present
    assert layout.offset is None


@pytest.mark.parametrize(("cut", "whole"), [(0, True), (8, True), (12, False), (40, False)])
def test_compressed_pixels_that_the_file_does_not_hold_are_noticed(tmp_path, cut, whole):
    grid = making.grid_of((1, 60, 70))
    one = making.datasets(grid, making.ramp(grid.shape))[0]
    making.save(one, tmp_path / "a")
    one.compress(RLELossless)
    raw = making.save(one, tmp_path / "a", RLELossless).read_bytes()
    file = io.BytesIO(raw[: len(raw) - cut])
    assert read_layout(dcmread(file, stop_before_pixels=True), file).whole is whole


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (ImplicitVRLittleEndian, ExplicitVRLittleEndian),
        (ExplicitVRLittleEndian, ImplicitVRLittleEndian),
    ],
)
@pytest.mark.filterwarnings("ignore:Expected (ex|im)plicit VR")
def test_pixels_are_found_in_files_that_call_their_encoding_otherwise(tmp_path, said, written):
    grid = making.grid_of((1, 6, 7))
    one = making.datasets(grid, making.ramp(grid.shape))[0]
    one["PixelData"].VR = "OW"
    raw = making.save(one, tmp_path / "a", written).read_bytes()
    names = [
        str(syntax).encode().ljust(20, b"\0")[: len(str(syntax)) + len(str(syntax)) % 2]
        for syntax in (written, said)
    ]
    start = raw.index(names[0]) - 2
    raw = (
        raw[:start]
        + len(names[1]).to_bytes(2, "little")
        + names[1]
        + raw[start + 2 + len(names[0]) :]
    )
    file = io.BytesIO(raw)
    layout = read_layout(dcmread(file, stop_before_pixels=True), file)
    assert raw[layout.offset : layout.offset + layout.length] == one.PixelData


@pytest.mark.parametrize(("keyword", "stored"), [("BitsStored", 12), ("HighBit", 12)])
def test_bits_are_known_by_one_of_their_counts(tmp_path, keyword, stored):
    grid = making.grid_of((1, 6, 7))
    one = making.datasets(grid, making.ramp(grid.shape))[0]
    delattr(one, keyword)
    with making.save(one, tmp_path / "a").open("rb") as file:
        layout = read_layout(dcmread(file, stop_before_pixels=True), file)
    assert (layout.stored, layout.high_bit) == (stored, stored - 1)
