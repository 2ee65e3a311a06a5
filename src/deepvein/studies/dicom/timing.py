"""When a series was taken, and how long after the contrast agent."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from deepvein.studies.dicom.frame import Frame
from deepvein.studies.dicom.series import Series

LONGEST_S = 1800.0
"""Between two passes of one examination; a later one shows no more of the contrast agent."""

_DATE = re.compile(r"(\d{4})[.\-]?(\d{2})[.\-]?(\d{2})$")
_TIME = re.compile(r"(\d{2}):?(\d{2})?:?(\d{2})?(?:\.(\d{1,6}))?\d*")
_DATED = re.compile(r"\d{14}")
_NO_DATE = "19000101"


_ARTERIAL_S = 50.0
"""After the start of the injection: until then contrast fills arteries of the legs alone."""
_VENOUS_S = (80.0, 600.0)
"""From and until when it fills their veins: indirect CT venography is taken after 120 to 210 s, MR
venography until some ten minutes."""
_LONGEST_DELAY_S, _LONGEST_BEFORE_S = 3600.0, 1800.0
"""A longer time after the injection began, or before, is not believed: clocks go an hour wrong."""


def taken(series: Series) -> datetime | None:
    """When the first of its slices was acquired, or None if no header says so.

    Acquisition times come first; Content and Series Time may be those of a reconstruction. Without a
    date, times are of one day.
    """
    times = [moment for frame in series.frames if (moment := _frame_time(frame, series))]
    if times:
        return min(times)
    whole = series.text("AcquisitionDateTime")
    if whole:
        return _moment(whole[:8], whole[8:])
    for day, time in (
        ("AcquisitionDate", "AcquisitionTime"),
        ("ContentDate", "ContentTime"),
        ("SeriesDate", "SeriesTime"),
    ):
        moment = _moment(series.text(day) or _date(series), series.text(time))
        if moment:
            return moment
    return None


def delay_s(series: Series) -> float | None:
    """Seconds from the start of the contrast injection to the first slice, None where not known."""
    start = _moment(_date(series), series.text("ContrastBolusStartTime"))
    first = taken(series)
    if start is None or first is None:
        return None
    seconds = (
        first - start.replace(year=first.year, month=first.month, day=first.day)
    ).total_seconds()
    if seconds < -43200:
        seconds += 86400  # Past midnight.
    return seconds if -_LONGEST_BEFORE_S <= seconds <= _LONGEST_DELAY_S else None


def phase_after(seconds: float) -> str:
    """'native', 'arterial', 'early venous', 'venous' or 'late' by the time after the injection began."""
    if seconds < 0:
        return "native"
    if seconds < _ARTERIAL_S:
        return "arterial"
    if seconds < _VENOUS_S[0]:
        return "early venous"
    return "venous" if seconds <= _VENOUS_S[1] else "late"


def _frame_time(frame: Frame, series: Series) -> datetime | None:
    said = dict(frame.split)
    told = said.get("acquisition time", "")
    if _DATED.match(told):
        return _moment(told[:8], told[8:])
    return _moment(said.get("acquisition date") or _date(series), told)


def _date(series: Series) -> str:
    """The day of the acquisition, as far as a header says it."""
    days = ("AcquisitionDate", "SeriesDate", "StudyDate")
    return next((day for keyword in days if (day := series.text(keyword))), _NO_DATE)


def _moment(date: str, time: str) -> datetime | None:
    day = _DATE.match(date) or _DATE.match(_NO_DATE)
    clock = _TIME.match(time)
    if day is None or clock is None:
        return None
    hours, minutes, seconds, part = (clock[n] or "0" for n in (1, 2, 3, 4))
    try:
        base = datetime(int(day[1]), int(day[2]), int(day[3]))
    except ValueError:
        return None
    whole = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    return base + whole + timedelta(microseconds=int(part.ljust(6, "0")))
