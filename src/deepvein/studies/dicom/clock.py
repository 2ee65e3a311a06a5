"""Dates and times in headers of frames: follow-ups on other days, scans that go on after midnight."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from deepvein.studies.dicom.frame import Frame

_CLOCKS = ("acquisition time", "content time", "series time")
_EVENING_S, _MORNING_S = 22 * 3600.0, 2 * 3600.0
"""From and until when a scan may go on over midnight."""


def days_apart(values: Iterable[str]) -> bool:
    """True for dates with more than a midnight between them: a scan and its follow-up."""
    digits = [re.sub(r"\D", "", value) for value in values]
    try:
        days = [datetime.strptime(value, "%Y%m%d") for value in digits if value]
    except ValueError:
        return False
    return len(days) > 1 and (max(days) - min(days)).days > 1


def go_on_after_midnight(dated: Iterable[tuple[str, Frame]]) -> bool:
    """True for frames of two days in a row, each with its date, those of the first taken late in the evening
    and those of the second early in the morning."""
    days: dict[str, list[Frame]] = {}
    for day, frame in dated:
        days.setdefault(re.sub(r"\D", "", day), []).append(frame)
    if len(days) != 2 or days_apart(days) or "" in days:
        return False
    evening, morning = (days[day] for day in sorted(days))
    late = all((at := _time(frame)) is not None and at >= _EVENING_S for frame in evening)
    return late and all(is_after_midnight(frame) for frame in morning)


def is_after_midnight(frame: Frame) -> bool:
    """True for a frame that was taken early in the morning."""
    at = _time(frame)
    return at is not None and at <= _MORNING_S


def _time(frame: Frame) -> float | None:
    """Seconds of the day at which a frame was acquired, None if its header does not say."""
    told = dict(frame.split)
    times = (seconds(told.get(label, "")) for label in ("acquisition date and time", *_CLOCKS))
    return next((at for at in times if at is not None), None)


def seconds(time: str) -> float | None:
    """Seconds of a TM ("120501.25") or of the time in a DT ("20240131120501.25"), None if it is neither."""
    found = re.match(r"(?:\d{8})?(\d\d)(\d\d)(\d\d(?:\.\d+)?)(?![\d])", time.replace(":", ""))
    if found is None:
        return None
    hours, minutes, rest = found.groups()
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)
