from datetime import datetime

import pytest
from pydicom import dcmread

from deepvein.studies.dicom.files import read_headers
from deepvein.studies.dicom.series import group
from deepvein.studies.dicom.timing import delay_s, phase_after, taken
from unit.studies import making


def only(folder, **values):
    making.series(folder, **values)
    (found,) = group(read_headers(sorted(folder.iterdir())))
    return found


@pytest.mark.parametrize(
    ("values", "when"),
    [
        (
            {"AcquisitionDate": "20250102", "AcquisitionTime": "101112.5"},
            (2025, 1, 2, 10, 11, 12, 500000),
        ),
        ({"AcquisitionDateTime": "20250102101112"}, (2025, 1, 2, 10, 11, 12)),
        ({"SeriesDate": "2025.01.02", "SeriesTime": "10:11:12"}, (2025, 1, 2, 10, 11, 12)),
        ({"StudyDate": "20250102", "ContentTime": "1011"}, (2025, 1, 2, 10, 11)),
        ({"AcquisitionTime": "101112", "SeriesTime": "120000"}, (1900, 1, 1, 10, 11, 12)),
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR")
def test_when_a_series_was_taken(tmp_path, values, when):
    assert taken(only(tmp_path, **values)) == datetime(*when)


@pytest.mark.filterwarnings("ignore:Invalid value for VR")
def test_a_time_that_cannot_be_read_is_not_known(tmp_path):
    assert taken(only(tmp_path / "a")) is None
    assert taken(only(tmp_path / "b", AcquisitionTime="noon")) is None


@pytest.mark.parametrize(
    ("start", "time", "seconds"),
    [
        ("120000", "120300", 180),
        ("235900", "000200", 180),
        ("120000", "115930", -30),
        ("060000", "120000", None),
        ("130000", "120300", None),
    ],
)
def test_seconds_after_the_injection(tmp_path, start, time, seconds):
    found = only(tmp_path, AcquisitionTime=time, ContrastBolusStartTime=start)
    assert delay_s(found) == seconds
    assert delay_s(only(tmp_path / "without", AcquisitionTime=time)) is None


@pytest.mark.parametrize(
    ("seconds", "name"),
    [(-1, "native"), (25, "arterial"), (70, "early venous"), (150, "venous"), (900, "late")],
)
def test_phases_by_time(seconds, name):
    assert phase_after(seconds) == name


def test_a_series_over_midnight_begins_in_the_evening(tmp_path):
    for index, path in enumerate(sorted(making.series(tmp_path).iterdir())):
        one = dcmread(path)
        late = index > 2
        one.AcquisitionDate = "20250102" if late else "20250101"
        one.AcquisitionTime = "000010" if late else "235950"
        one.save_as(path)
    (found,) = group(read_headers(sorted(tmp_path.iterdir())))
    assert taken(found) == datetime(2025, 1, 1, 23, 59, 50)
