"""Which files are one examination of one patient, also where their UIDs do not tell.

Programs that remove names leave UIDs out, make them constant or use them again. So patient, folder, frame
of reference and geometry are compared as well, and what cannot be one examination is divided.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepvein.studies.dicom.clock import days_apart, go_on_after_midnight, is_after_midnight
from deepvein.studies.dicom.frame import Frame
from deepvein.studies.dicom.header import Header
from deepvein.studies.dicom.parting import ALWAYS
from deepvein.studies.dicom.rejoining import look_of, makes_a_row
from deepvein.studies.dicom.series import Series, group
from deepvein.studies.dicom.slice_row import are_numbered_along, crowded, is_row, lie_between
from deepvein.studies.dicom.subject import Subject, subjects
from deepvein.studies.dicom.timing import LONGEST_S, taken

_MOST_SHARED = 0.6
"""Share of the shorter one's length above which two scans show the same part of a body."""

_MOST_ROWS = 2
"""Scouts and pages beside a scan may be of so few slices; they are no second scan."""


@dataclass(frozen=True, eq=False)
class Examination:
    """Images of one study of one patient.

    study_uid: empty where the files do not give one.
    """

    study_uid: str
    headers: tuple[Header, ...]

    @property
    def home(self) -> Path:
        """The folder that holds all of its files."""
        return Path(os.path.commonpath([header.path.parent for header in self.headers]))

    @property
    def patient(self) -> str:
        """How a message calls its patient, empty where the files do not say."""
        for header in self.headers:
            if header.subject.patient_id or header.subject.patient_name:
                return header.subject.patient_id or header.subject.patient_name
        return ""


def examinations(headers: Iterable[Header]) -> tuple[Examination, ...]:
    """The examinations that usable images belong to, in the order met.

    Files of one Study Instance UID are divided where patients or dates contradict one another, and then
    by folder where two scans lie in different frames of reference at one place, or slices at one place
    that nothing tells apart; within one folder where two series of one number and name are rivals (see
    `_bear_one_number`). Files without a Study Instance UID are one examination only if all of their
    slices make regular rows, else each folder is one; but those whose series has a study are of that one.
    Slices with a Study Instance UID each are one examination if they make one regular row.
    """
    by_uid: dict[str, list[Header]] = {}
    for header in headers:
        if header.usable:
            by_uid.setdefault(header.study_uid, []).append(header)
    out = []
    for uid, members in _joined(by_uid).items():
        for one in subjects(_of_one_night(members)):
            pieces = _by_folder(one, _is_one_examination if uid else _is_one_without_uid)
            for piece in pieces:
                out += [Examination(uid, tuple(part)) for part in _by_scan(piece)]
    return tuple(out)


def _of_one_night(headers: Sequence[Header]) -> list[tuple[Subject, Header]]:
    """Each header and its subject, which has the date of the evening before if a series of the study was taken
    over midnight, and the image after it."""
    evenings: dict[str, str] = {}
    series: dict[str, list[Header]] = {}
    for header in headers:
        series.setdefault(header.series_uid, []).append(header)
    for uid, members in series.items():
        days = {header.subject.study_date for header in members}
        if uid and len(days) == 2 and not days_apart(days):
            evening, morning = sorted(days)
            dated = [
                (header.subject.study_date, one) for header in members for one in header.frames
            ]
            if go_on_after_midnight(dated):
                evenings[morning] = evening
    out = []
    for header in headers:
        evening = evenings.get(header.subject.study_date, "")
        after = evening and all(is_after_midnight(frame) for frame in header.frames)
        told = replace(header.subject, study_date=evening) if after else header.subject
        out.append((told, header))
    return out


def _joined(by_uid: dict[str, list[Header]]) -> dict[str, list[Header]]:
    """The same with slices that lost their Study Instance UID, or have one of their own, brought back."""
    out = {uid: list(members) for uid, members in by_uid.items()}
    studies: dict[str, set[str]] = {}
    for uid, members in by_uid.items():
        for header in members if uid else ():
            studies.setdefault(header.series_uid, set()).add(uid)
    for header in out.pop("", []):
        known = studies.get(header.series_uid, set()) if header.series_uid else set()
        out.setdefault(next(iter(known)) if len(known) == 1 else "", []).append(header)
    alone: dict[tuple[object, ...], list[Header]] = {}
    for members in by_uid.values():
        if len(members) == 1 and len(members[0].frames) == 1:
            alike = (members[0].path.parent, look_of(members[0].frames[0]))
            alone.setdefault(alike, []).append(members[0])
    for alike_ones in alone.values():
        for one in subjects((header.subject, header) for header in alike_ones):
            if makes_a_row(one):
                for header in one:
                    del out[header.study_uid]
                out[one[0].study_uid] = one
    return out


def _by_folder(
    headers: list[Header], belongs_together: Callable[[Sequence[Header]], bool]
) -> list[list[Header]]:
    """`headers` whole, or divided by the highest folders within which they belong together."""
    folders = {header.path.parent for header in headers}
    if len(folders) == 1 or belongs_together(headers):
        return [headers]
    depth = len(Path(os.path.commonpath(folders)).parts)
    branches: dict[str, list[Header]] = {}
    for header in headers:
        below = header.path.parent.parts[depth:]
        branches.setdefault(below[0] if below else "", []).append(header)
    return [piece for one in branches.values() for piece in _by_folder(one, belongs_together)]


def _by_scan(headers: list[Header]) -> list[list[Header]]:
    """`headers` whole, or with each scan that another one of their folder rules out for itself."""
    scans = [one for one in group(headers) if len(one.frames) > _MOST_ROWS and _is_acquired(one)]
    groups: list[list[Series]] = []
    for scan in scans:
        for members in groups:
            if not any(_bear_one_number(scan, member) for member in members):
                members.append(scan)
                break
        else:
            groups.append([scan])
    apart = [{frame.path for one in members for frame in one.frames} for members in groups[1:]]
    alone = set().union(*apart)
    rest = [header for header in headers if header.path not in alone]
    return [rest, *([header for header in headers if header.path in own] for own in apart)]


def _bear_one_number(one: Series, two: Series) -> bool:
    """True for two scans of one place in one folder that are called the same, bear the same number, and lie
    in different frames of reference or say none: no scanner makes two such series in one study."""
    uids = one.header.frame_of_reference, two.header.frame_of_reference
    if one.header.modality != two.header.modality or (all(uids) and uids[0] == uids[1]):
        return False
    numbers = [dict(series.frames[0].split).get("series number") for series in (one, two)]
    if not numbers[0] or numbers[0] != numbers[1] or _called(one) != _called(two):
        return False
    if not all(uids) and _minutes_apart(one, two):
        return False
    return _show_one_place(one, two)


def _is_one_examination(headers: Sequence[Header]) -> bool:
    found = group(headers)
    if any(_mixes_folders(series) for series in found):
        return False
    scans = [one for one in found if len(one.frames) > _MOST_ROWS and _is_acquired(one)]
    return not any(_are_rivals(one, two) for one, two in combinations(scans, 2))


def _mixes_folders(series: Series) -> bool:
    """True if several folders put slices upon one another, or each a whole row between the others'."""
    if not _spread(series):
        return False
    if crowded(series.frames):
        return True
    if are_numbered_along(series.frames):
        return False
    folders: dict[Path, list[Frame]] = {}
    for frame in series.frames:
        folders.setdefault(frame.path.parent, []).append(frame)
    rows = list(folders.values())
    return min(map(len, rows)) > _MOST_ROWS and lie_between(rows) and all(map(is_row, rows))


def _is_one_without_uid(headers: Sequence[Header]) -> bool:
    return _is_one_examination(headers) and not any(
        series.problem and _spread(series) for series in group(headers)
    )


def _spread(series: Series) -> bool:
    """True if its files lie in several folders."""
    return len({frame.path.parent for frame in series.frames}) > 1


def _is_acquired(series: Series) -> bool:
    """True for images as they were scanned, not derived from others."""
    kind = series.frames[0].image_type
    return not series.problem and "DERIVED" not in kind and "LOCALIZER" not in kind


def _are_rivals(one: Series, two: Series) -> bool:
    """True for two scans of one place in different folders that only a reused UID may join: they are
    called the same, and lie in different frames of reference or bear the same number. Where both is so they
    need not show the same part: no scanner gives two series of one study the same number."""
    if one.header.modality != two.header.modality or _called(one) != _called(two):
        return False
    if {frame.path.parent for frame in one.frames} & {frame.path.parent for frame in two.frames}:
        return False
    if _are_passes(one, two):
        return False
    uids = one.header.frame_of_reference, two.header.frame_of_reference
    numbers = [dict(series.frames[0].split).get("series number") for series in (one, two)]
    apart = all(uids) and uids[0] != uids[1]
    same = numbers[0] == numbers[1]
    if apart and same and numbers[0] and one.uid != two.uid:
        return True
    return (apart or same) and _show_one_place(one, two)


def _are_passes(one: Series, two: Series) -> bool:
    """True for acquisitions that were numbered and taken one after the other, in one frame of reference."""
    numbers = [dict(series.frames[0].split).get("acquisition") for series in (one, two)]
    same = one.header.frame_of_reference == two.header.frame_of_reference != ""
    return same and all(numbers) and numbers[0] != numbers[1] and _minutes_apart(one, two)


def _minutes_apart(one: Series, two: Series) -> bool:
    """True for scans whose times are known and lie no further apart than passes of one examination."""
    times = taken(one), taken(two)
    if not (times[0] and times[1]):
        return False
    return 0 < abs((times[0] - times[1]).total_seconds()) <= LONGEST_S


def _called(series: Series) -> tuple[str, ...]:
    told = dict(series.frames[0].split)
    labels = (*ALWAYS, "description")
    return tuple(told.get(label, "") for label in labels if label != "frame of reference")


def _show_one_place(one: Series, two: Series) -> bool:
    a, b = one.stack.grid, two.stack.grid
    if a.plane is not b.plane:
        return False
    shared = [
        max(0.0, min(high, other_high) - max(low, other_low))
        / max(1e-6, min(high - low, other_high - other_low))
        for (low, high), (other_low, other_high) in zip(
            _box(a.corners_mm), _box(b.corners_mm), strict=True
        )
    ]
    return min(shared) > _MOST_SHARED


def _box(corners: NDArray[np.float64]) -> list[tuple[float, float]]:
    return [(float(axis.min()), float(axis.max())) for axis in corners.T]
