import numpy as np
import pytest
from pydicom.uid import generate_uid

from deepvein.core.errors import GeometryError
from deepvein.studies.dicom.completeness import (
    doubled_numbers,
    gaps_between,
    missing_ends,
    missing_parts,
    missing_passes,
    short_stations,
    steps_between,
)
from deepvein.studies.dicom.files import read_headers
from deepvein.studies.reading import read_study
from unit.studies import making


def headers(folder, numbers, **values):
    grid = making.grid_of((len(numbers), 3, 4))
    uids = {"series": "1.2", "frame": "1.3"}
    for index, one in enumerate(making.datasets(grid, making.ramp(grid.shape), **(uids | values))):
        one.InstanceNumber = numbers[index]
        making.save(one, folder / f"{index:02d}")
    return read_headers(sorted(folder.iterdir()))


@pytest.mark.parametrize(
    ("numbers", "said", "told"),
    [
        ([1, 2, 3], None, ""),
        ([0, 1, 2], None, ""),
        ([3, 4, 5], None, "begin at 3; images 1 to 2"),
        ([2, 4, 6], None, ""),
        ([1, 2, 3], 3, ""),
        ([1, 2, 3], 2, ""),
        ([1, 2, 3], 5, "count 5 images in the acquisition, 3 are here; 2 may be missing at an end"),
    ],
)
def test_ends_that_are_missing_are_told(tmp_path, numbers, said, told):
    values = {} if said is None else {"ImagesInAcquisition": said}
    found = missing_ends(headers(tmp_path, numbers, **values))
    assert told in found
    assert bool(found) == bool(told)


@pytest.mark.parametrize(
    ("group", "creator", "element", "kind"),
    [(0x0021, "GEMS_RELA_01", 0x4F, "SS"), (0x2001, "Philips Imaging DD 001", 0x18, "SL")],
)
@pytest.mark.parametrize(("counted", "told"), [(3, ""), (2, ""), (5, "counts 5 slices")])
def test_slices_that_the_scanner_counts_and_that_are_not_there_are_told(
    tmp_path, group, creator, element, kind, counted, told
):
    grid = making.grid_of((3, 3, 4))
    for index, one in enumerate(making.datasets(grid, making.ramp(grid.shape))):
        one.private_block(group, creator, create=True).add_new(element, kind, counted)
        making.save(one, tmp_path / f"{index:02d}")
    found = missing_ends(read_headers(sorted(tmp_path.iterdir())))
    assert told in found
    assert bool(found) == bool(told)


@pytest.mark.parametrize(
    ("thickness", "step", "told"),
    [(5, 5, ""), (5, 3, ""), (5, 7, ""), (5, 10, "5 mm thick and lie 10 mm apart"), ("", 10, "")],
)
def test_slices_with_gaps_between_them_are_told(tmp_path, thickness, step, told):
    (header, *_) = headers(tmp_path, [1, 2], SliceThickness=thickness)
    found = gaps_between(header.frames, step)
    assert told in found
    assert bool(found) == bool(told)


@pytest.mark.parametrize(("counted", "told"), [(3, "count 3 passes"), (2, "")])
def test_a_pass_that_is_counted_and_not_there_is_told(tmp_path, counted, told):
    values = {"NumberOfTemporalPositions": counted}
    files = [
        one
        for position in (1, 2)
        for one in headers(
            tmp_path / str(position), [1, 2, 3], TemporalPositionIdentifier=position, **values
        )
    ]
    assert told in missing_passes(files)
    assert bool(missing_passes(files)) == bool(told)
    assert missing_passes(headers(tmp_path / "bare", [1, 2, 3], **values)) == ""


@pytest.mark.parametrize(
    ("numbers", "others", "told"),
    [
        ([1, 3, 5, 7], (), "go by 2 (1, 3, 5 …)"),
        ([7, 10, 13, 16], (5, 20), "go by 3 (7, 10, 13 …)"),
        ([1, 3, 5, 7], (2, 4, 6, 8), ""),
        ([1, 2, 3, 4], (), ""),
        ([1, 3, 5, 8], (), ""),
        ([1, 3, 5], (), ""),
    ],
)
def test_slices_that_are_missing_everywhere_between_are_told(tmp_path, numbers, others, told):
    found = steps_between(headers(tmp_path, numbers), others)
    assert told in found
    assert bool(found) == bool(told)


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([1, 1, 2, 2, 3, 3], "each image number occurs 2 times, first in 00 and 01"),
        ([1, 2, 3, 4, 5, 6], ""),
        ([1, 1, 1, 1, 1, 1], ""),
        ([1, 1, 2, 2, 3, 4], ""),
    ],
)
def test_numbers_that_all_occur_again_are_told(tmp_path, numbers, told):
    frames = [frame for header in headers(tmp_path, numbers) for frame in header.frames]
    assert doubled_numbers(frames).startswith(told)
    assert bool(doubled_numbers(frames)) == bool(told)


@pytest.mark.parametrize("there", [(1, 2, 3), (1, 2), (2, 3), (1, 3)])
@pytest.mark.parametrize("total", [3, None])
def test_parts_of_a_concatenation_are_counted(tmp_path, there, total):
    grid = making.grid_of((9, 6, 7), directions=making.CORONAL)
    array = making.ramp(grid.shape, 0)
    whole = None
    for number in there:
        low = 3 * (number - 1)
        part = making.enhanced(grid.crop((low, 0, 0), (low + 3, 6, 7)), array[low : low + 3])
        whole = whole or part
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
            setattr(part, keyword, whole[keyword].value)
        part.ConcatenationUID, part.InConcatenationNumber = "1.2.5", number
        if total:
            part.InConcatenationTotalNumber = total
        making.save(part, tmp_path / f"part{number}")
    lost = sorted({1, 2, 3} - set(there))
    unsaid = total is None and lost == [3]
    told = missing_parts(read_headers(sorted(tmp_path.iterdir())))
    if not lost or unsaid:
        assert told == ""
        study = read_study(tmp_path)
        assert study.volume.array.shape[0] == 3 * len(there)
        said = any("do not say how many" in remark.text for remark in study.remarks)
        assert said == (total is None)
    else:
        assert f"part {lost[0]} of 3 of a multi-frame image is missing beside part" in told
        with pytest.raises(GeometryError, match="is missing beside part"):
            read_study(tmp_path)


def test_a_part_of_a_concatenation_that_is_there_twice_is_refused(tmp_path):
    grid = making.grid_of((3, 6, 7))
    made = making.enhanced(grid, making.ramp(grid.shape, 0))
    made.ConcatenationUID, made.InConcatenationNumber = "1.2.5", 1
    for name in ("IM1", "IM2"):
        made.SOPInstanceUID = generate_uid()
        made.PixelData = made.PixelData[2:] + made.PixelData[:2]
        making.save(made, tmp_path / name)
    with pytest.raises(
        GeometryError, match="part 1 of a multi-frame image is there twice, IM1, IM2"
    ):
        read_study(tmp_path)


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([6, 6, 6], ""),
        ([6, 5, 6], r"station 2 (5) has fewer slices than the others (6)"),
        ([4, 6, 6, 5, 6, 6], "station 1 (4), station 4 (5) has fewer"),
        ([80, 60, 80], ""),
        ([6, 5], ""),
        ([6], ""),
    ],
)
def test_a_station_with_fewer_slices_than_the_others_is_told(counts, told):
    found = short_stations([[None] * count for count in counts])
    assert found.startswith(told)
    assert bool(found) == bool(told)


@pytest.mark.parametrize(
    ("counted", "told"), [(7, "count 7 files in the study, 5 are here"), (5, "")]
)
def test_files_that_an_archive_counted_and_that_are_not_there_are_told(tmp_path, counted, told):
    folder = making.series(tmp_path, NumberOfStudyRelatedInstances=counted)
    found = [one.text for one in read_study(folder).remarks if one.code == "missing-files"]
    assert [told in text for text in found] == ([True] if told else [])


@pytest.mark.parametrize(("counted", "told"), [(7, "count 7 files in the series, 5"), (5, "")])
def test_images_of_a_series_that_an_archive_counted_are_missed(tmp_path, counted, told):
    folder = making.series(tmp_path, NumberOfSeriesRelatedInstances=counted)
    found = [one.text for one in read_study(folder).remarks if one.code == "missing-ends"]
    assert [told in text for text in found] == ([True] if told else [])


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        (list(range(1, 31)), ""),
        (list(range(30, 0, -1)), ""),
        ([*range(1, 11), 12, 11, *range(13, 31)], "s010.dcm, s011.dcm"),
        ([*range(30, 20, -1), 19, 20, *range(18, 0, -1)], "s010.dcm, s011.dcm"),
        ([*range(15, 0, -1), *range(16, 31)], ""),
        ([*range(1, 31, 2), *range(2, 31, 2)], ""),
    ],
)
def test_slices_whose_numbers_run_against_their_places_are_told(tmp_path, numbers, told):
    grid = making.grid_of((30, 6, 7))
    many = making.datasets(grid, making.ramp(grid.shape))
    for one, number in zip(many, numbers, strict=True):
        one.InstanceNumber = number
    study = read_study(making.save_all(many, tmp_path))
    np.testing.assert_array_equal(study.volume.array, making.ramp(grid.shape))
    remarks = [one.text for one in study.remarks if one.code == "exchanged-slices"]
    assert len(remarks) == bool(told)
    assert not told or remarks[0].startswith(
        f"the image numbers of {told} run against their places"
    )
