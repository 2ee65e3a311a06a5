"""Dates that say nothing, as where a program that removes names has moved those of each file by chance."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from deepvein.studies.dicom.clock import days_apart
from deepvein.studies.dicom.header import Header
from deepvein.studies.dicom.slice_row import are_numbered_along

KEYWORDS = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate", "AcquisitionDateTime")
_LABELS = ("series date", "acquisition date", "acquisition date and time")
"""What frames say of them (see `classic.TOLD_APART`)."""

_FEWEST = 3
"""Slices of which each may have a date of its own by chance."""


def without_scattered(headers: Sequence[Header]) -> tuple[Header, ...]:
    """`headers` with those of series whose dates are scattered `undated`: without any date.

    Dates are scattered where slices of one series, frame of reference and study make one even row along which
    image numbers run, while the dates go to and fro or are all different: neither a scan that goes on after
    midnight nor a follow-up under the same UIDs has them so. Scattered birth dates are left out as well.
    """
    series: dict[tuple[str, ...], list[Header]] = {}
    for header in headers:
        if header.usable and header.series_uid and header.study_uid:
            key = (header.study_uid, header.series_uid, header.frame_of_reference)
            series.setdefault(key, []).append(header)
    out = {id(header): header for header in headers}
    for members in series.values():
        row = sorted(members, key=lambda one: one.number or 0)
        days = [[_day(one, label) for one in row] for label in ("", *_LABELS[:2])]
        if not any(map(_are_scattered, days)) or not _is_one_scan(row):
            continue
        born = _are_scattered([one.subject.birth_date for one in row])
        out |= {id(header): _undated(header, born) for header in members}
    return tuple(out[id(header)] for header in headers)


def _day(header: Header, label: str) -> str:
    return dict(header.frames[0].split).get(label, "") if label else header.subject.study_date


def _are_scattered(days: Sequence[str]) -> bool:
    """True for days that come again after others, or are all different, with more than a midnight between the
    first and the last. Missing ones say nothing, nor does the form in which a day is written."""
    known = [digits for day in days if (digits := re.sub(r"\D", "", day))]
    runs, different = sum(1 for _ in groupby(known)), len(set(known))
    return days_apart(known) and (runs > different or different == len(known) >= _FEWEST)


def _is_one_scan(row: Iterable[Header]) -> bool:
    frames = [frame for header in row for frame in header.frames]
    return are_numbered_along(frames)


def _undated(header: Header, born: bool) -> Header:
    subject = replace(header.subject, study_date="", acquired="")
    if born:
        subject = replace(subject, birth_date="")
    frames = tuple(
        replace(frame, split=tuple((a, "" if a in _LABELS else value) for a, value in frame.split))
        for frame in header.frames
    )
    return replace(header, subject=subject, frames=frames, undated=True)
