"""Images that are there a second time under other UIDs."""

import copy

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, RLELossless, generate_uid

from deepvein.core.errors import InputError
from deepvein.studies.dicom import twins
from deepvein.studies.dicom.files import files_below, read_headers
from deepvein.studies.discovery import find_studies
from deepvein.studies.reading import read_study
from unit.studies import making

GRID = making.grid_of((8, 6, 7))
ARRAY = making.ramp(GRID.shape)
UIDS = ("SeriesInstanceUID", "FrameOfReferenceUID")


def images(**values):
    return making.datasets(GRID, ARRAY, study="1.1", series="1.2", frame="1.3", **values)


def again(originals, *, uids=(), **values):
    """The same images with SOP Instance UIDs of their own, other `uids` and header values."""
    new = {keyword: generate_uid() for keyword in uids}
    out = copy.deepcopy(originals)
    for one in out:
        one.SOPInstanceUID = generate_uid()
        for keyword, value in (new | values).items():
            setattr(one, keyword, value)
    return out


def told(study):
    return [one.text for one in study.remarks if one.code == "twins"]


@pytest.mark.parametrize("uids", [(), UIDS[:1], UIDS[1:], UIDS])
@pytest.mark.parametrize(
    "values",
    [{}, {"SeriesDescription": "second export"}, {"InstitutionName": "", "ContentTime": "12"}],
)
def test_a_second_export_is_used_once_with_a_remark(tmp_path, uids, values):
    first = images(InstitutionName="Clinic", ContentTime="11")
    making.save_all(first, tmp_path, "a")
    making.save_all(again(first, uids=uids, **values), tmp_path, "b")
    study = read_study(tmp_path)
    np.testing.assert_array_equal(study.volume.array, ARRAY)
    (remark,) = told(study)
    assert remark.startswith("8 image(s) are there again under other UIDs")
    fates = {record.name: record.why for record in study.origin.files}
    assert sum(why.startswith("the image of ") for why in fates.values()) == 8
    assert len({path.name[0] for path in study.origin.paths}) == 1
    assert find_studies(tmp_path) == (tmp_path,)


def test_a_second_export_in_a_folder_of_its_own_is_used_once(tmp_path):
    first = images()
    making.save_all(first, tmp_path / "a")
    making.save_all(again(first, uids=UIDS), tmp_path / "b")
    assert len(told(read_study(tmp_path))) == 1
    assert len(find_studies(tmp_path)) == 1


def test_some_images_that_are_there_again_are_used_once(tmp_path):
    first = images()
    making.save_all(first, tmp_path, "z")
    making.save_all(again(first[2:4], uids=UIDS[:1], SeriesDescription="key images"), tmp_path, "a")
    study = read_study(tmp_path)
    np.testing.assert_array_equal(study.volume.array, ARRAY)
    assert told(study)[0].endswith("a000.dcm of z002.dcm, a001.dcm of z003.dcm")


def test_a_second_export_that_is_packed_is_the_same(tmp_path):
    first = images()
    making.save_all(first, tmp_path, "a")
    packed = again(first)
    for index, one in enumerate(packed):
        making.save(one, tmp_path / "plain")
        one.compress(RLELossless, generate_instance_uid=False)
        making.save(one, tmp_path / f"b{index}.dcm", RLELossless)
    (tmp_path / "plain").unlink()
    assert told(read_study(tmp_path))[0].startswith("8 image(s)")


@pytest.mark.parametrize(
    "values",
    [
        {"ConvolutionKernel": "Br69"},
        {"AcquisitionTime": "120000"},
        {"AcquisitionNumber": 2},
        {"EchoTime": 3},
    ],
)
def test_images_that_were_taken_otherwise_are_no_twins_whatever_their_pixels(tmp_path, values):
    (keyword,) = values
    usual = {"ConvolutionKernel": "Br38", "AcquisitionTime": "110000"}.get(keyword, 1)
    first = images(**{keyword: usual})
    making.save_all(first, tmp_path, "a")
    making.save_all(again(first, uids=UIDS[:1], **values), tmp_path, "b")
    assert told(read_study(tmp_path)) == []


def test_other_pixels_make_another_image(tmp_path):
    first = images()
    other = again(first)
    other[3].PixelData = bytes(2) + other[3].PixelData[2:]
    making.save_all(first, tmp_path, "a")
    making.save_all(other, tmp_path, "b")
    with pytest.raises(InputError, match=r"a003\.dcm|b003\.dcm"):
        read_study(tmp_path)


def test_blank_slices_alone_are_no_twins(tmp_path):
    """Two passes whose headers do not tell them apart may both end with nothing."""
    blank = np.copy(ARRAY)
    blank[-1] = -1024
    uids = {"study": "1.1", "frame": "1.3"}
    first = making.datasets(GRID, blank, SeriesNumber=1, **uids)
    second = making.datasets(GRID, blank + np.where(blank > -1024, 7, 0), SeriesNumber=2, **uids)
    making.save_all(first, tmp_path, "a")
    making.save_all(second, tmp_path, "b")
    assert told(read_study(tmp_path)) == []


def test_passes_whose_headers_do_not_differ_are_not_read_as_a_whole(tmp_path, monkeypatch):
    read = []

    def reading(frames, modality):
        read.append(frames[0].path)
        return read_pixels(frames, modality)

    read_pixels = twins.read_pixels
    monkeypatch.setattr(twins, "read_pixels", reading)
    many = [images(SeriesInstanceUID=f"1.2.{n}") for n in range(3)]
    for n, one in enumerate(many):
        for single in one:
            single.SOPInstanceUID = generate_uid()
            single.PixelData = bytes([n]) + single.PixelData[1:]
        making.save_all(one, tmp_path, "abc"[n])
    kept, found = twins.without_twins(read_headers(files_below(tmp_path)))
    assert len(kept) == 24
    assert not found
    assert len(read) == len(set(read)) == 9


@pytest.mark.parametrize("syntax", [None, RLELossless])
@pytest.mark.parametrize("order", [[0, 1, 2, 3, 1], [0, 1, 2, 3] * 2, [2, 2, 2, 0, 1, 3]])
def test_a_frame_that_is_there_again_is_used_once_with_a_remark(tmp_path, order, syntax):
    grid = making.grid_of((4, 6, 7))
    array = making.ramp(grid.shape, 0)
    made = making.enhanced(grid, array, order)
    if syntax:
        made = pydicom.dcmread(making.save(made, tmp_path / "a"))
        made.compress(syntax, encoding_plugin="pydicom")
    making.save(made, tmp_path / "a", syntax or ExplicitVRLittleEndian)
    study = read_study(tmp_path)
    np.testing.assert_array_equal(study.volume.array, array)
    copies = len(order) - 4
    assert told(study) == [
        f"{copies} frame(s) of a are there again, with the same pixels and place, and were used once"
    ]


def test_frames_at_one_place_that_differ_stay(tmp_path):
    grid = making.grid_of((4, 6, 7))
    made = making.enhanced(grid, making.ramp(grid.shape, 0), [0, 1, 2, 3, 1])
    made.PixelData = made.PixelData[:-2] + b"\1\1"
    making.save(made, tmp_path / "a")
    with pytest.raises(InputError, match="a frame 2 and a frame 5"):
        read_study(tmp_path)


def test_frames_of_two_phases_are_no_copies_though_their_pixels_are_the_same(tmp_path):
    grid = making.grid_of((4, 6, 7))
    made = making.enhanced(grid, making.ramp(grid.shape, 0), [0, 1, 2, 3] * 2)
    for index, group in enumerate(made.PerFrameFunctionalGroupsSequence):
        content = Dataset()
        content.TemporalPositionIndex = 1 + index // 4
        group.FrameContentSequence = [content]
    making.save(made, tmp_path / "a")
    assert told(read_study(tmp_path)) == []
