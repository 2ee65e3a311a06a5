"""Two images in one series, half a step apart: they would pass for one finer volume."""

import numpy as np
import pytest
from pydicom import dcmread

from deepvein.studies.dicom.files import read_headers
from deepvein.studies.dicom.header import read_header
from deepvein.studies.dicom.parting import parts
from deepvein.volumes.grid import CORONAL
from unit.studies import making

COUNT, STEP = 8, 4.0
GRID = making.grid_of((COUNT, 3, 4), (STEP, 0.9, 0.8), (0, 0, 0))


def between(offset=STEP / 2):
    return making.grid_of((COUNT, 3, 4), (STEP, 0.9, 0.8), (0, 0, offset))


def frames(folder, first, second, offset=STEP / 2, modality="CT"):
    """The frames of two stacks of one series; `first` and `second` are header values, or one for each slice."""
    for name, grid, told in (("a", GRID, first), ("b", between(offset), second)):
        uids = {"series": "1.2", "frame": "1.3", "study": "1.1"}
        for index, one in enumerate(
            making.datasets(grid, making.ramp(GRID.shape, 0), modality, **uids)
        ):
            one.InstanceNumber = index + (1 if name == "a" else 101)
            for key, value in told.items():
                setattr(one, key, value[index] if isinstance(value, list) else value)
            making.save(one, folder / f"{name}{index}")
    return [frame for header in read_headers(sorted(folder.iterdir())) for frame in header.frames]


def kinds(found):
    return [part.kind for part in parts(found)]


@pytest.mark.parametrize(
    ("second", "images"),
    [("20250101", 2), ("20240103", 2), ("20240102", 1), ("", 1), ("20240230", 1)],
)
def test_a_follow_up_that_goes_on_where_the_scan_ends_is_another_image(tmp_path, second, images):
    found = frames(
        tmp_path, {"AcquisitionDate": "20240101"}, {"AcquisitionDate": second}, COUNT * STEP
    )
    assert len(parts(found)) == images


@pytest.mark.parametrize(
    ("keyword", "first", "second", "kind"),
    [
        ("ConvolutionKernel", "B30f", "Br69f", "kernel B30f"),
        ("ImageType", "ORIGINAL", "DERIVED", "image type ORIGINAL"),
        ("EchoTime", 2.3, 4.6, "echo time 2.3"),
        ("KVP", 80, 120, "tube voltage 80.0"),
        ("ContrastBolusAgent", "", "Iodine", "contrast agent not given"),
        ("AcquisitionNumber", 1, 2, "acquisition 1"),
        ("SeriesNumber", 1, 2, "series number 1"),
        ("SeriesDescription", "early", "late", "description early"),
        ("AcquisitionTime", "120000", "121000", "acquisition time 120000"),
        ("AcquisitionDate", "20240101", "20240102", "acquisition date 20240101"),
        ("ContentTime", "120000.5", "121000.5", "content time 120000.5"),
        ("SliceThickness", 2, 4, "slice thickness 2.0"),
        ("FilterType", "A", "B", "filter A"),
    ],
)
@pytest.mark.parametrize("offset", [0, 0.02, STEP / 3, STEP / 2])
def test_what_differs_parts_images_wherever_they_lie(
    tmp_path, keyword, first, second, kind, offset
):
    found = parts(frames(tmp_path, {keyword: first}, {keyword: second}, offset))
    assert [len(part.frames) for part in found] == [COUNT, COUNT]
    assert found[0].kind == kind


@pytest.mark.parametrize(
    ("keyword", "label"),
    [
        ("Modality", "modality"),
        ("Manufacturer", "manufacturer"),
        ("StudyID", "study ID"),
        ("InstitutionName", "institution"),
        ("ManufacturerModelName", "model"),
        ("DeviceSerialNumber", "device"),
        ("StationName", "station name"),
    ],
)
def test_slices_of_two_scanners_are_two_images_wherever_they_lie(tmp_path, keyword, label):
    for offset in (STEP / 2, COUNT * STEP):
        found = frames(tmp_path, {keyword: "A1"}, {keyword: "B2"}, offset)
        assert kinds(found) == [f"{label} A1", f"{label} B2"]


@pytest.mark.parametrize(
    ("keyword", "first", "second"),
    [
        ("StudyTime", "080000", "170000"),
        ("SeriesDate", "20240101", "20250101"),
        ("PatientWeight", 50, 90),
    ],
)
def test_slices_of_two_examinations_are_two_images(tmp_path, keyword, first, second):
    found = parts(frames(tmp_path, {keyword: first}, {keyword: second}, COUNT * STEP))
    assert [len(part.frames) for part in found] == [COUNT, COUNT]


def test_a_scanner_that_is_written_otherwise_not_at_all_or_anew_in_each_slice_is_one(tmp_path):
    for first, second in (("Siemens", "SIEMENS "), ("Siemens", ""), ([*"abcdefgh"], [*"ijklmnop"])):
        told = {"Manufacturer": first}, {"Manufacturer": second}
        assert kinds(frames(tmp_path, *told, offset=COUNT * STEP)) == [""]


@pytest.mark.parametrize("word", ["MIP", "Z_EFF", "CSA MPR THICK", "SUB"])
def test_a_slice_that_was_computed_is_another_image(tmp_path, word):
    kind = ["ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM5"]
    types = ["\\".join(kind)] * COUNT
    types[3] += f"\\{word}"
    found = parts(frames(tmp_path, {"ImageType": types}, {"ImageType": types[0]}, COUNT * STEP))
    assert sorted(len(part.frames) for part in found) == [1, 2 * COUNT - 1]


def test_times_that_go_on_are_divided_by_the_pause(tmp_path):
    early = [f"1200{second:02d}" for second in range(COUNT)]
    late = [f"1210{second:02d}" for second in range(COUNT)]
    told = kinds(frames(tmp_path, {"AcquisitionTime": early}, {"AcquisitionTime": late}))
    assert told == ["acquisition time 120000", "acquisition time 121000"]


def test_numbers_that_run_twice_are_two_images(tmp_path):
    found = parts(frames(tmp_path, {}, {}))
    assert [part.kind for part in found] == ["sweep 1", "sweep 2"]
    assert {frame.path.name[0] for frame in found[0].frames} == {"a"}


def test_numbers_that_run_once_are_one_finer_image(tmp_path):
    odd = {"InstanceNumber": list(range(1, 2 * COUNT, 2))}
    even = {"InstanceNumber": list(range(2, 2 * COUNT + 1, 2))}
    assert kinds(frames(tmp_path, odd, even)) == [""]


def test_an_mr_scan_in_packages_stays_whole(tmp_path):
    times = {"AcquisitionTime": "120000"}, {"AcquisitionTime": "120200"}
    gap = {"SpacingBetweenSlices": STEP / 2}
    packages = frames(tmp_path / "a", times[0] | gap, times[1] | gap, modality="MR")
    assert kinds(packages) == [""]
    whole = {"SpacingBetweenSlices": STEP}
    assert (
        len(kinds(frames(tmp_path / "b", times[0] | whole, times[1] | whole, modality="MR"))) == 2
    )
    assert len(kinds(frames(tmp_path / "c", times[0] | gap, times[1] | gap))) == 2


def test_blocks_of_one_scan_stay_whole(tmp_path):
    """Step and shoot: a new acquisition, time and thickness after each block of slices."""
    blocks = [1, 1, 1, 1, 2, 2, 2, 2]
    told = {
        "AcquisitionNumber": blocks,
        "AcquisitionTime": [f"1200{10 * block}" for block in blocks],
        "SliceThickness": blocks,
    }
    later = {key: [value[-1]] * COUNT for key, value in told.items()}
    assert kinds(frames(tmp_path, told, later, offset=COUNT * STEP)) == [""]


def test_values_that_only_count_slices_part_nothing(tmp_path):
    told = [
        {"TemporalPositionIdentifier": [start + k for k in range(COUNT)]}
        for start in (1, 1 + COUNT)
    ]
    assert kinds(frames(tmp_path, *told, offset=COUNT * STEP)) == [""]


def test_stations_in_one_plane_are_told_apart(tmp_path):
    low = making.grid_of((4, 20, 6), (5.0, 2.0, 2.0), (0, 0, 0), CORONAL)
    high = making.grid_of((4, 20, 6), (5.0, 2.0, 2.0), (0, 0.3, 38), CORONAL)
    uids = {"series": "1.2", "frame": "1.3"}
    for name, grid in (("a", high), ("b", low)):
        making.series(tmp_path, grid, modality="MR", prefix=name, **uids)
    found = [one for header in read_headers(sorted(tmp_path.iterdir())) for one in header.frames]
    assert [(part.kind, part.station, len(part.frames)) for part in parts(found)] == [
        ("", 1, 4),
        ("", 2, 4),
    ]


def test_a_tilted_stack_is_no_row_of_stations(tmp_path):
    grid = making.grid_of((30, 3, 4), (5.0, 0.9, 0.8))
    for index, one in enumerate(making.datasets(grid, making.ramp(grid.shape))):
        x, y, z = one.ImagePositionPatient
        one.ImagePositionPatient = [x, y + 5.0 * index * np.tan(np.deg2rad(20)), z]
        making.save(one, tmp_path / f"{index:02d}")
    found = [one for header in read_headers(sorted(tmp_path.iterdir())) for one in header.frames]
    (part,) = parts(found)
    assert part.kind == ""


@pytest.mark.parametrize(
    ("keyword", "first", "second"),
    [
        ("ConvolutionKernel", "Br40", "BR40 "),
        ("ConvolutionKernel", "Hr_40 f", "Hr40f"),
        ("ContrastBolusAgent", "Iodine", "IODINE"),
        ("KVP", "120", "120.0"),
        ("EchoTime", "1.2", "1.20"),
        ("EchoTime", "2.78", "2.788"),
    ],
)
def test_one_value_that_is_written_in_two_ways_parts_nothing(tmp_path, keyword, first, second):
    told = [first, second] * (COUNT // 2)
    found = frames(tmp_path, {keyword: told}, {keyword: told}, COUNT * STEP)
    assert kinds(found) == [""]


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("KVP", 100),
        ("ContrastBolusAgent", "Iodine"),
        ("FrameOfReferenceUID", "1.3"),
        ("EchoTime", 2.3),
    ],
)
def test_a_value_that_the_second_half_of_a_row_lacks_divides_nothing(tmp_path, keyword, value):
    going_on = frames(tmp_path / "on", {keyword: value}, {keyword: ""}, COUNT * STEP)
    assert kinds(going_on) == [""]
    assert len(parts(frames(tmp_path / "between", {keyword: value}, {keyword: ""}))) == 2
    assert (
        len(parts(frames(tmp_path / "apart", {keyword: value}, {keyword: ""}, 3 * COUNT * STEP)))
        == 2
    )


@pytest.mark.parametrize("keyword", ["SeriesDescription", "ImageComments", "ProtocolName"])
@pytest.mark.parametrize("thickness", [STEP, STEP / 2])
def test_texts_that_alternate_along_one_row_divide_nothing(tmp_path, keyword, thickness):
    """Half a step apart lie two scans of slices that are twice as thick, or one of thin ones."""
    told = {"SliceThickness": thickness}
    found = frames(tmp_path, {keyword: "one"} | told, {keyword: "two"} | told)
    for place, frame in enumerate(
        sorted(found, key=lambda one: one.position[2], reverse=True), start=1
    ):
        one = dcmread(frame.path)
        one.InstanceNumber = place
        one.save_as(frame.path)
    found = [frame for path in sorted(tmp_path.iterdir()) for frame in read_header(path).frames]
    assert len(parts(found)) == (1 if thickness < STEP else 2)


def test_numbers_of_two_slices_that_are_exchanged_divide_nothing(tmp_path):
    found = frames(tmp_path, {}, {}, COUNT * STEP)
    ordered = sorted(found, key=lambda one: one.position[2], reverse=True)
    for number, frame in enumerate(ordered, start=1):
        one = dcmread(frame.path)
        one.InstanceNumber = {8: 9, 9: 8}.get(number, number)
        one.save_as(frame.path)
    found = [frame for path in sorted(tmp_path.iterdir()) for frame in read_header(path).frames]
    assert kinds(found) == [""]


def counted(folder, thickness=2 * STEP, **values):
    """Frames of one row, numbered from 1; of each value one for each slice."""
    grid = making.grid_of((COUNT, 3, 4), (STEP, 0.9, 0.8), (0, 0, 0))
    many = making.datasets(grid, making.ramp(grid.shape), SliceThickness=thickness)
    for index, one in enumerate(many):
        for keyword, told in values.items():
            if told[index]:
                setattr(one, keyword, told[index])
    making.save_all(many, folder)
    return [frame for path in sorted(folder.iterdir()) for frame in read_header(path).frames]


@pytest.mark.parametrize(
    ("keyword", "first", "second"),
    [
        ("InstitutionName", "Clinic", "University Clinic"),
        ("StationName", "CT1", "ct-pool"),
        ("PatientWeight", 70, 72),
    ],
)
def test_what_says_nothing_of_the_image_parts_no_row_that_is_counted(
    tmp_path, keyword, first, second
):
    half = COUNT // 2
    for name, told in (
        ("half", [first] * half + [second] * half),
        ("turns", [first, second] * half),
    ):
        assert kinds(counted(tmp_path / name, **{keyword: told})) == [""]


@pytest.mark.parametrize(
    ("keyword", "value"),
    [("ConvolutionKernel", "Br40"), ("KVP", 100), ("ContrastBolusAgent", "Iodine")],
)
def test_a_value_that_slices_of_a_counted_row_lack_parts_nothing(tmp_path, keyword, value):
    told = {"turns": [value, ""] * (COUNT // 2), "one": [value] * 3 + [""] + [value] * (COUNT - 4)}
    for name, values in told.items():
        assert kinds(counted(tmp_path / name, STEP, **{keyword: values})) == [""]
    thick = kinds(counted(tmp_path / "thick", **{keyword: told["turns"]}))
    assert len(thick) == (2 if keyword == "ContrastBolusAgent" else 1)
    stray = [""] * 3 + [value] + [""] * (COUNT - 4)
    assert len(kinds(counted(tmp_path / "stray", **{keyword: stray}))) == 2


@pytest.mark.parametrize(
    ("keyword", "first", "second"),
    [
        ("ContrastBolusAgent", "APPLIED", "Iomeron 400"),
        ("FrameOfReferenceUID", "1.2.3", "1.2.4"),
        ("ImageType", ["ORIGINAL", "PRIMARY"], ["ORIGINAL", "PRIMARY", "AXIAL"]),
        ("ImageType", ["ORIGINAL", "PRIMARY", "AXIAL"], ["DERIVED", "PRIMARY", "OTHER"]),
        ("AcquisitionDate", "20240102", "20240105"),
    ],
)
def test_one_kind_that_is_written_otherwise_parts_no_row_that_is_counted(
    tmp_path, keyword, first, second
):
    half = COUNT // 2
    assert kinds(counted(tmp_path / "half", **{keyword: [first] * half + [second] * half})) == [""]
    for thickness, images in ((STEP, 1), (2 * STEP, 2)):
        turns = counted(tmp_path / f"{thickness}", thickness, **{keyword: [first, second] * half})
        assert len(kinds(turns)) == images
    stray = [first] * (COUNT - 1) + [second]
    found = kinds(counted(tmp_path / "stray", **{keyword: stray}))
    assert len(found) == (1 if keyword == "AcquisitionDate" else 2)


@pytest.mark.parametrize(
    ("keyword", "first", "second"),
    [
        ("ConvolutionKernel", "Br40", "Br69"),
        ("ImageType", ["ORIGINAL", "PRIMARY", "AXIAL"], ["ORIGINAL", "PRIMARY", "AXIAL", "MIP"]),
        ("ImageType", ["ORIGINAL", "PRIMARY", "M"], ["ORIGINAL", "PRIMARY", "P"]),
    ],
)
def test_another_kind_parts_also_a_row_that_is_counted(tmp_path, keyword, first, second):
    half = COUNT // 2
    assert len(kinds(counted(tmp_path, **{keyword: [first] * half + [second] * half}))) == 2
