import pytest

from deepvein.studies.dicom.dates import without_scattered
from deepvein.studies.dicom.files import read_headers
from deepvein.studies.dicom.series import group
from deepvein.studies.discovery import find_studies
from deepvein.studies.reading import read_study
from unit.studies import making

KEYWORDS = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")
SHAPE = (6, 6, 7)


def scan(folder, days, prefix="s", **values):
    """A series whose slices are of the days of January 2025 given in their order."""
    many = making.datasets(making.grid_of(SHAPE), making.ramp(SHAPE), **values)
    for one, day in zip(many, days, strict=True):
        for keyword in KEYWORDS:
            setattr(one, keyword, day if isinstance(day, str) else f"202501{day:02d}")
    return making.save_all(many, folder, prefix)


def undated(folder):
    headers = without_scattered(read_headers(sorted(folder.iterdir())))
    return {header.undated for header in headers}


@pytest.mark.parametrize(
    "days", [(5, 9, 5, 9, 5, 9), (1, 2, 3, 4, 5, 6), (1, 9, 3, 3, 1, 20), (1, 1, 7, 1, 1, 1)]
)
def test_dates_that_were_moved_by_chance_are_not_believed(tmp_path, days):
    scan(tmp_path, days, PatientBirthDate="19500101")
    assert undated(tmp_path) == {True}
    study = read_study(tmp_path)
    assert study.volume.array.shape == SHAPE
    assert [one.code for one in study.remarks if "date" in one.code] == ["dates-scattered"]
    assert find_studies(tmp_path) == (tmp_path,)
    (made,) = group(without_scattered(read_headers(sorted(tmp_path.iterdir()))))
    assert made.text("StudyDate") == made.text("SeriesDate") == ""


@pytest.mark.filterwarnings("ignore:Invalid value for VR DA")
@pytest.mark.parametrize(
    "days",
    [
        (5,) * 6,
        (5, 5, 5, 6, 6, 6),
        (5, 5, 9, 9, 20, 20),
        (5, 6, 5, 6, 5, 6),
        (5, "", 5, "", 5, ""),
        (5, "2025.01.05", 5, "2025-01-05", 5, 5),
        (5, "unknown", 5, "unknown", 5, 5),
    ],
)
def test_dates_that_go_on_are_believed(tmp_path, days):
    scan(tmp_path, days)
    assert undated(tmp_path) == {False}


def test_dates_of_slices_that_are_no_scan_are_believed(tmp_path):
    same = {"study": "1.1", "series": "1.2", "frame": "1.3"}
    scan(tmp_path, (5,) * 6, "a", **same)
    scan(tmp_path, (9,) * 6, "b", **same)
    assert undated(tmp_path) == {False}


def test_no_files_are_no_headers():
    assert without_scattered([]) == ()
