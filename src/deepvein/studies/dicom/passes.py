"""Which of several passes over the same place came later: veins fill after arteries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from deepvein.studies.dicom.description import all_words, dixon_part, named_phase
from deepvein.studies.dicom.kind import is_original
from deepvein.studies.dicom.series import Series
from deepvein.studies.dicom.timing import LONGEST_S, taken
from deepvein.studies.dicom.words import OTHER_MR

Stations = Sequence[Series]

_SAME_S = 5.0
"""Series that begin nearer to each other were made of one acquisition."""

_COUNT = re.compile(r"\d+(?:\.\d*)?")
_DIGITS = re.compile(r"(\d+(?:\.\d+)?)")

_LATER = (
    "temporal position",
    "acquisition date and time",
    "acquisition time",
    "acquisition",
    "trigger time",
    "content time",
    "series time",
)
"""Values that grow from pass to pass, where they are what tells the images of one series apart."""

_PASS = re.compile(
    r"\b(?:ph|phase|pass|dyn\w*|time ?point|run|meas\w*|mess\w*|post|frame)[ #:._/-]*(\d+)",
    re.IGNORECASE,
)
"""How comments and descriptions count passes ("Ph3/TRICKS", "phase 3")."""

_SHARED = 0.6
"""Of the shorter one's extent along each axis, above which two series show the same place."""


def is_later_pass(one: Stations, other: Stations) -> bool:
    """True if `one` shows the place of `other`, in the same kind of images, at a later time."""
    a, b = one[0], other[0]
    if any(series.problem for series in (*one, *other)):
        return False
    if not (_same_kind(a, b) and _same_place(one, other)):
        return False
    if named_phase(a) == "native" or (named_phase(a), named_phase(b)) == ("arterial", "venous"):
        return False
    return after(at_places(one, other), at_places(other, one))


def at_places(one: Stations, other: Stations) -> Stations:
    """Those of the stations that show a place which `other` shows; a station may have been taken again."""
    return [
        series for series in one if any(_same_place([series], [beside]) for beside in other)
    ] or one


def after(one: Stations, other: Stations) -> bool:
    """True if `one` was acquired after `other`, by times, else by the numbers of acquisitions."""
    times = first_taken(one), first_taken(other)
    if times[0] and times[1]:
        seconds = (times[0] - times[1]).total_seconds()
        if abs(seconds) > _SAME_S:
            return 0 < seconds <= LONGEST_S
    for a, b in zip(_numbers(one[0]), _numbers(other[0]), strict=True):
        if a is not None and b is not None and a != b:
            return a > b
    return one[0].uid == other[0].uid and _stands_later(one[0].part, other[0].part)


def by_number(text: str) -> tuple[str | float, ...]:
    """A key that sorts texts as people do, "phase 10" behind "phase 9"."""
    pieces = _DIGITS.split(text)
    return tuple(float(piece) if place % 2 else piece for place, piece in enumerate(pieces))


def _stands_later(one: str, other: str) -> bool:
    """True if what tells `one` from the `other` image of its series says that it was taken later."""
    pairs = zip(one.split(", "), other.split(", "), strict=False)
    a, b = next(((a, b) for a, b in pairs if a != b), ("", ""))
    for label in _LATER:
        if a.startswith(f"{label} ") and b.startswith(f"{label} "):
            first, second = (re.sub(r"[^\d.]", "", told.removeprefix(label)) for told in (a, b))
            known = _COUNT.fullmatch(first) and _COUNT.fullmatch(second)
            return bool(known) and float(first) > float(second)
    if a.startswith(("comments ", "description ")):
        counted = _PASS.search(a), _PASS.search(b)
        if counted[0] and counted[1] and _PASS.sub("", a) == _PASS.sub("", b):
            return int(counted[0][1]) > int(counted[1][1])
    return False


def first_taken(stations: Stations) -> datetime | None:
    """When the first of the stations was acquired."""
    return min((when for series in stations if (when := taken(series))), default=None)


def number(series: Series) -> int:
    """The series' number, 0 where it has none."""
    told = series.text("SeriesNumber")
    return int(told) if told.isdigit() else 0


def _numbers(series: Series) -> tuple[float | None, ...]:
    """What counts acquisitions: temporal position, acquisition number, for MR series number, and at last
    the order of image numbers within one series."""
    told = dict(series.frames[0].split)
    counts = [told.get("temporal position", ""), told.get("acquisition", "")]
    if series.header.modality == "MR":
        counts.append(series.text("SeriesNumber"))
    counts.append(series.part.rpartition("sweep ")[2])
    return tuple(float(count) if _COUNT.fullmatch(count) else None for count in counts)


def _same_kind(one: Series, other: Series) -> bool:
    if one.header.modality != other.header.modality or is_original(one) != is_original(other):
        return False
    if one.stack.grid.plane is not other.stack.grid.plane:
        return False
    if one.header.modality == "CT":
        return True
    if any(OTHER_MR.find(all_words(series)) for series in (one, other)):
        return False
    if other.text("ContrastBolusAgent") and not one.text("ContrastBolusAgent"):
        return False
    return (
        one.frames[0].image_type[2:4] == other.frames[0].image_type[2:4]
        and dixon_part(one) == dixon_part(other)
        and np.allclose(one.stack.grid.spacing_mm, other.stack.grid.spacing_mm, rtol=0.1)
        and all(_alike(one, other, keyword) for keyword in ("EchoTime", "RepetitionTime"))
    )


def _alike(one: Series, other: Series, keyword: str) -> bool:
    try:
        a, b = float(one.text(keyword)), float(other.text(keyword))
    except ValueError:
        return True
    return abs(a - b) <= 0.1 * max(abs(a), abs(b))


def _same_place(one: Stations, other: Stations) -> bool:
    """One leg beside the other is another place, as is the pelvis above them."""
    (low, high), (other_low, other_high) = _box(one), _box(other)
    shared = np.minimum(high, other_high) - np.maximum(low, other_low)
    return bool((shared > _SHARED * np.minimum(high - low, other_high - other_low)).all())


def _box(stations: Stations) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest LPS x, y and z that the stations show."""
    corners = np.concatenate([series.stack.grid.corners_mm for series in stations])
    return corners.min(axis=0), corners.max(axis=0)
