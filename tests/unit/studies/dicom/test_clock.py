"""Times and dates of headers, as scanners and archives write them."""

from dataclasses import replace

import pytest

from deepvein.studies.dicom.clock import (
    days_apart,
    go_on_after_midnight,
    is_after_midnight,
    seconds,
)
from deepvein.studies.dicom.frame import Frame
from deepvein.studies.dicom.header import read_header
from unit.studies import making

GRID = making.grid_of((2, 3, 4), (3.0, 0.9, 0.8), (0, 0, 0))


@pytest.fixture
def frame(tmp_path) -> Frame:
    one = making.datasets(GRID, making.ramp(GRID.shape, 0), "CT")[0]
    making.save(one, tmp_path / "image")
    return read_header(tmp_path / "image").frames[0]


def at(frame: Frame, time: str) -> Frame:
    return replace(frame, split=(("acquisition time", time),))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("120501.25", 43501.25),
        ("20240131120501.25", 43501.25),
        ("12:05:01", 43501),
        ("20240131120501.25+0100", 43501.25),
        ("000000", 0),
        ("", None),
        ("noon", None),
        ("1205", None),
    ],
)
def test_seconds_of_the_day(told, expected):
    assert seconds(told) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (["20240101", "20240102"], False),
        (["20240101", "20240103"], True),
        (["2024.01.01", "20240103"], True),
        (["20240101", ""], False),
        (["20240101", "20240230"], False),
        ([], False),
    ],
)
def test_a_scan_and_its_follow_up_have_more_than_a_midnight_between_them(days, expected):
    assert days_apart(days) is expected


def test_a_scan_goes_on_from_the_late_evening_to_the_early_morning(frame):
    late, early, noon = (at(frame, time) for time in ("235950", "000020", "120000"))
    assert go_on_after_midnight([("20240101", late), ("20240102", early)])
    assert go_on_after_midnight([("2024.01.02", early), ("2024.01.01", late)])
    assert not go_on_after_midnight([("20240101", noon), ("20240102", early)])
    assert not go_on_after_midnight([("20240101", late), ("20240102", noon)])
    assert not go_on_after_midnight([("20240101", late), ("20240103", early)])
    assert not go_on_after_midnight([("20240101", late), ("", early)])
    assert not go_on_after_midnight([])


def test_a_frame_that_tells_no_time_was_not_taken_after_midnight(frame):
    assert is_after_midnight(at(frame, "010000"))
    assert not is_after_midnight(at(frame, "030000"))
    assert not is_after_midnight(replace(frame, split=()))
