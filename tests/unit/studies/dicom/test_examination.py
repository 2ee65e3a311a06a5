"""Which files are one examination, where UIDs are missing, constant or used again."""

import shutil
import zlib

import pytest
from pydicom import dcmread

from deepvein.core.errors import InputError, StudyError
from deepvein.studies.dicom.examination import examinations
from deepvein.studies.dicom.files import read_headers
from deepvein.studies.discovery import find_studies
from deepvein.studies.reading import read_study
from unit.studies import making

UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")


def patient(folder, name, *, without=(), grid=None, prefix="s", **values):
    """A small series of a patient, whose pixels no other has; `values` are header values and UIDs."""
    grid = grid or making.grid_of()
    own = zlib.crc32(f"{folder}/{prefix}".encode()) % 997
    told = {"PatientID": name, "PatientName": name} | values
    many = making.datasets(grid, making.ramp(grid.shape, own - 900), **told)
    for one in many:
        for keyword in without:
            delattr(one, keyword)
    return making.save_all(many, folder, prefix)


def folders(location):
    found = examinations(read_headers(sorted(location.rglob("*.dcm"))))
    return [sorted({header.path.parent.name for header in one.headers}) for one in found]


@pytest.mark.parametrize("name", ["P2", "ANON"])
@pytest.mark.parametrize(
    "uids",
    [
        {"study": "1.1"},
        {"study": "1.1", "series": "1.2"},
        {"study": "1.1", "series": "1.2", "frame": "1.3"},
        {"study": "1.1", "frame": "1.3"},
    ],
)
def test_patients_with_constant_uids_are_a_study_each(tmp_path, uids, name):
    patient(tmp_path / "a", "ANON", **uids)
    patient(tmp_path / "b", name, **uids)
    assert folders(tmp_path) == [["a"], ["b"]]
    assert [path.name for path in find_studies(tmp_path)] == ["a", "b"]
    with pytest.raises(StudyError, match="2 studies under one Study Instance UID.*folders a, b"):
        read_study(tmp_path)


@pytest.mark.parametrize("below", [0.0, 8.0, 100.0])
def test_patients_who_lay_elsewhere_on_the_table_are_a_study_each(tmp_path, below):
    for name, height in (("a", 0.0), ("b", -below)):
        grid = making.grid_of(origin=(-20, 15, height))
        patient(tmp_path / name, "ANON", grid=grid, study="1.1", SeriesNumber=2)
    assert folders(tmp_path) == [["a"], ["b"]]


@pytest.mark.parametrize("name", ["P2", ""])
def test_patients_without_uids_are_a_study_each(tmp_path, name):
    patient(tmp_path / "a", "", without=UIDS)
    patient(tmp_path / "b", name, without=UIDS)
    assert folders(tmp_path) == [["a"], ["b"]]
    assert [path.name for path in find_studies(tmp_path)] == ["a", "b"]


def test_patients_in_one_folder_are_refused_by_name(tmp_path):
    for name in ("P1", "P2"):
        patient(tmp_path, name, study="1.1", series="1.2", frame="1.3", prefix=name)
    with pytest.raises(StudyError, match="patients P1 and P2: export each of them into a folder"):
        read_study(tmp_path)
    (found,) = find_studies(tmp_path)
    with pytest.raises(StudyError, match="patients P1 and P2"):
        read_study(found)


@pytest.mark.parametrize(
    ("keyword", "one", "two", "told"),
    [
        ("PatientBirthDate", "19500101", "19600101", "birth dates 19500101 and 19600101"),
        ("AccessionNumber", "A1", "A2", "accession numbers A1 and A2"),
        ("PatientAge", "070Y", "030Y", "ages 070Y and 030Y"),
        ("PatientName", "Doe", "Roe", "patients Doe and Roe"),
    ],
)
def test_what_tells_two_studies_apart_is_told(tmp_path, keyword, one, two, told):
    same = {"study": "1.1", "series": "1.2", "frame": "1.3", "PatientID": "P1"}
    for prefix, value in (("a", one), ("b", two)):
        patient(tmp_path, "P1", prefix=prefix, **{**same, keyword: value})
    with pytest.raises(StudyError, match=f"2 studies under one Study Instance UID with the {told}"):
        read_study(tmp_path)


@pytest.mark.parametrize("uids", [{}, {"series": "1.2"}])
def test_two_nameless_scans_in_one_folder_are_refused(tmp_path, uids):
    for prefix in "ab":
        patient(tmp_path / "in", "", prefix=prefix, study="1.1", SeriesNumber=2, **uids)
    assert len(folders(tmp_path)) == 2
    says = "2 studies under one Study Instance UID, scans of one place with one series number, 2, in 2 frames"
    with pytest.raises(StudyError, match=says):
        read_study(tmp_path)


def test_two_nameless_scans_with_the_same_uids_and_numbers_are_refused(tmp_path):
    for prefix in "ab":
        patient(
            tmp_path, "", prefix=prefix, study="1.1", series="1.2", frame="1.3",
            grid=making.grid_of((8, 6, 7)),
        )  # fmt: skip
    with pytest.raises(
        InputError, match="each image number occurs 2 times, first in a000.dcm and b000"
    ):
        read_study(tmp_path)


def test_two_series_of_one_examination_in_one_folder_stay_together(tmp_path):
    for prefix, number in (("a", 2), ("b", 3)):
        patient(tmp_path, "", prefix=prefix, study="1.1", SeriesNumber=number)
    for prefix in "cd":
        patient(tmp_path, "", prefix=prefix, study="1.1", SeriesNumber=4, frame="1.3")
    for prefix, time in (("e", "120000"), ("f", "120300")):
        patient(
            tmp_path, "", prefix=prefix, study="1.1", without=("FrameOfReferenceUID",), SeriesNumber=5,
            AcquisitionDate="20240101", AcquisitionTime=time,
        )  # fmt: skip
    assert len(folders(tmp_path)) == 1


def test_slices_that_name_nobody_among_named_ones_are_refused(tmp_path):
    folder = patient(tmp_path / "in", "P1")
    path = sorted(folder.iterdir())[2]
    one = dcmread(path)
    one.PatientID = one.PatientName = ""
    one.save_as(path)
    with pytest.raises(
        InputError, match=f"1 of 5 files name no patient, first {path.name}, the others P1"
    ):
        read_study(folder)


def test_a_study_in_many_folders_stays_one(tmp_path):
    """Media hold a hundred files a folder, or a folder a series; nothing says that these are two."""
    for without in ((), UIDS):
        folder = patient(tmp_path / "in", "P1", without=without)
        for index, path in enumerate(sorted(folder.iterdir())):
            (folder / f"DIR{index // 3}").mkdir(exist_ok=True)
            path.rename(folder / f"DIR{index // 3}" / path.name)
        assert folders(folder) == [["DIR0", "DIR1"]]
        assert read_study(folder).volume.array.shape == (5, 6, 7)
        shutil.rmtree(folder)


def test_slices_dealt_out_to_folders_in_turn_are_one_scan_by_their_numbers(tmp_path):
    grid = making.grid_of((12, 6, 7))
    making.series(tmp_path / "in", grid)
    for index, path in enumerate(sorted((tmp_path / "in").iterdir())):
        (tmp_path / f"D{index % 2}").mkdir(exist_ok=True)
        path.rename(tmp_path / f"D{index % 2}" / path.name)
    assert read_study(tmp_path).volume.grid.matches(grid, 1e-6)


def test_series_of_one_study_in_folders_stay_together(tmp_path):
    same = {"study": "1.1", "frame": "1.3"}
    patient(tmp_path / "a", "P1", SeriesNumber=2, SeriesDescription="native", **same)
    patient(tmp_path / "b", "P1", SeriesNumber=3, SeriesDescription="venous", **same)
    patient(tmp_path / "c", "P1", SeriesNumber=4, SeriesDescription="MPR", study="1.1")
    assert folders(tmp_path) == [["a", "b", "c"]]


def test_passes_of_one_series_in_folders_stay_together(tmp_path):
    same = {"study": "1.1", "series": "1.2", "frame": "1.3"}
    for number, time in ((1, "120025"), (2, "120300")):
        patient(
            tmp_path / str(number), "P1", AcquisitionNumber=number, AcquisitionTime=time, **same
        )
    assert folders(tmp_path) == [["1", "2"]]
    patient(tmp_path / "3", "P1", AcquisitionNumber=3, AcquisitionTime="160000", **same)
    assert len(folders(tmp_path)) > 1


def test_stations_in_frames_of_reference_of_their_own_stay_together(tmp_path):
    for index in range(3):
        grid = making.grid_of((5, 20, 7), (3, 2, 2), (0, 0, -40.0 * index), making.CORONAL)
        making.series(tmp_path / str(index), grid, modality="MR", study="1.1", SeriesNumber=index)
    assert folders(tmp_path) == [["0", "1", "2"]]


def test_a_series_uid_may_be_used_again_in_another_study(tmp_path):
    for name in ("1.1", "1.2"):
        patient(tmp_path, "P1", study=name, series="1.9", prefix=name)
    found = find_studies(tmp_path)
    assert [read_study(one).volume.array.shape for one in found] == [(5, 6, 7)] * 2


@pytest.mark.parametrize("lost", [range(8), [3, 4], [0]])
@pytest.mark.parametrize("keyword", UIDS)
def test_slices_with_a_uid_each_or_without_one_are_brought_together(tmp_path, keyword, lost):
    grid = making.grid_of((8, 6, 7))
    many = making.datasets(grid, making.ramp(grid.shape))
    for index in lost:
        if len(lost) == 8:
            setattr(many[index], keyword, f"1.2.{index + 1}")
        elif keyword == "StudyInstanceUID":
            delattr(many[index], keyword)
    study = read_study(making.save_all(many, tmp_path))
    assert study.volume.array.shape == (8, 6, 7)
    joined = {"study-joined", "series-joined", "slices-frames-of-reference"}
    expected = len(lost) == 8 or keyword == "StudyInstanceUID"
    assert bool(joined & {remark.code for remark in study.remarks}) == expected


def test_uids_that_are_all_made_up_for_each_file(tmp_path):
    grid = making.grid_of((8, 6, 7))
    many = making.datasets(grid, making.ramp(grid.shape))
    for index, one in enumerate(many):
        for keyword in UIDS:
            setattr(one, keyword, f"1.2.{index + 1}")
    making.save_all(many, tmp_path)
    (found,) = find_studies(tmp_path)
    assert read_study(found).volume.array.shape == (8, 6, 7)


def test_a_second_version_of_a_study_is_called_that(tmp_path):
    patient(tmp_path / "a", "P1", study="1.1")
    (tmp_path / "b").mkdir()
    for path in (tmp_path / "a").iterdir():
        again = dcmread(path)
        again.file_meta.SourceApplicationEntityTitle = "ARCHIVE"
        again.save_as(tmp_path / "b" / path.name)
    with pytest.raises(StudyError, match=r"versions of the same images.*folders a, b"):
        read_study(tmp_path)


def night(folder, first="235930", second="000030", days=("20250131", "20250201"), **more):
    """A series of 12 slices whose last six were taken on the second of `days`, at time `second`."""
    many = making.datasets(making.grid_of((12, 6, 7)), making.ramp((12, 6, 7)))
    for index, one in enumerate(many):
        day, time = (days[0], first) if index < 6 else (days[1], second)
        one.StudyDate, one.AcquisitionTime = day, time
        for keyword in more.get("also", ()):
            setattr(one, keyword, day)
    return making.save_all(many, folder)


@pytest.mark.parametrize(
    "also", [(), ("SeriesDate",), ("AcquisitionDate", "SeriesDate", "ContentDate")]
)
def test_a_scan_over_midnight_is_one(tmp_path, also):
    study = read_study(night(tmp_path, also=also))
    assert study.volume.array.shape == (12, 6, 7)
    assert study.identity.study_date == "20250131"


def test_series_after_the_one_over_midnight_are_of_its_study(tmp_path):
    night(tmp_path / "a")
    one = dcmread(tmp_path / "a" / "s000.dcm")
    same = {"study": one.StudyInstanceUID, "frame": one.FrameOfReferenceUID, "SeriesNumber": 2}
    same |= {"PatientName": "Test^Patient", "StudyDate": "20250201"}
    patient(tmp_path / "b", "P1", AcquisitionTime="001500", **same)
    assert folders(tmp_path) == [["a", "b"]]


@pytest.mark.parametrize(
    ("first", "second", "days"),
    [
        ("100000", "100500", ("20250131", "20250201")),
        ("235930", "100000", ("20250131", "20250201")),
        ("235930", "000030", ("20250131", "20250202")),
        ("000030", "235930", ("20250131", "20250201")),
        ("", "", ("20250131", "20250201")),
    ],
)
def test_other_days_in_one_series_are_two_studies(tmp_path, first, second, days):
    with pytest.raises(StudyError, match="2 studies"):
        read_study(night(tmp_path, first, second, days))
