"""Files of one image whose Series Instance UIDs do not say so: anonymisers and archives lose them, give each
file its own, or divide a long series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from deepvein.studies.dicom.clock import seconds
from deepvein.studies.dicom.frame import Frame
from deepvein.studies.dicom.header import Header
from deepvein.studies.dicom.parting import ALWAYS
from deepvein.studies.dicom.slice_row import is_row

_FEWEST_JOINED = 3
"""Slices with a series UID of their own that are taken for one series."""

_ONE_SCAN_S = 120.0
"""Longest pause between the pieces of one scan; in a longer one the patient may have moved."""


def rejoined(by_uid: dict[str, list[Header]]) -> dict[str, list[Header]]:
    """The same with slices that have each a UID of their own brought together under the first one, slices
    without a UID under the one whose row they fill, and the pieces of one CT under that of the first."""
    out = _named(by_uid)
    alone: dict[Any, list[Header]] = {}
    for members in by_uid.values():
        if len(members) == 1 and len(members[0].frames) == 1:
            alone.setdefault(look_of(members[0].frames[0]), []).append(members[0])
    for alike in alone.values():
        numbered: dict[str, list[Header]] = {}
        for header in alike:
            numbered.setdefault(dict(header.frames[0].split).get("series number", ""), []).append(
                header
            )
        bundles = [one for number, one in numbered.items() if number and len(one) >= _FEWEST_JOINED]
        if not bundles and makes_a_row(alike):
            bundles = [alike]
        for bundle in bundles:
            for header in bundle:
                del out[header.series_uid]
            out[bundle[0].series_uid] = list(bundle)
    return _continued(out)


def _named(by_uid: dict[str, list[Header]]) -> dict[str, list[Header]]:
    """The same with slices that lost their UID brought back, where they make one row with those of one UID."""
    out = dict(by_uid)
    lost = out.pop("", [])
    looks = {look_of(frame) for header in lost for frame in header.frames}
    homes = [
        uid
        for uid, members in out.items()
        if {look_of(frame) for header in members for frame in header.frames} == looks
        and makes_a_row([*members, *lost])
    ]
    if len(homes) == 1:
        out[homes[0]] = [*out[homes[0]], *lost]
    elif lost:
        out[""] = lost
    return out


def look_of(frame: Frame) -> tuple[object, ...]:
    """What slices of one image share whatever their UIDs say: kind, description, plane and size."""
    told = dict(frame.split)
    labels = [label for label in (*ALWAYS, "description") if label != "frame of reference"]
    turned = tuple(round(x, 3) for x in frame.orientation or ())
    size = (frame.layout.rows, frame.layout.columns, frame.spacing)
    return (*(told.get(label, "") for label in labels), turned, *size)


def makes_a_row(headers: Sequence[Header]) -> bool:
    """True for several slices that lie in one regular row."""
    frames = [frame for header in headers for frame in header.frames]
    return len(headers) >= _FEWEST_JOINED and is_row(frames)


def _continued(by_uid: dict[str, list[Header]]) -> dict[str, list[Header]]:
    """The same with CT series that are pieces of one row brought together under the UID of the first piece.

    Pieces are of one kind, scanner setting and frame of reference; positions, image numbers and times go on
    from each to the next. Rows that lie between one another, or whose numbers begin anew, stay apart: they
    may well be two scans.
    """
    alike: dict[Any, list[tuple[str, list[Header]]]] = {}
    for uid, members in by_uid.items():
        kinds = {
            (look_of(frame), header.frame_of_reference)
            for header in members
            for frame in header.frames
        }
        if uid and members[0].modality == "CT" and len(kinds) == 1 and all(next(iter(kinds))[1:]):
            alike.setdefault(kinds.pop(), []).append((uid, members))
    out = dict(by_uid)
    for pieces in alike.values():
        if len(pieces) > 1 and all(_along(members) is not None for _, members in pieces):
            pieces.sort(key=lambda piece: min(_along(piece[1]) or [0.0]))
            home, row = pieces[0]
            for uid, members in pieces[1:]:
                if _goes_on(row, members):
                    del out[uid]
                    row = [*row, *members]
                    out[home] = row
                else:
                    home, row = uid, members
    return out


def _along(headers: Sequence[Header]) -> list[float] | None:
    """Millimetres of slices along their normal, None where the headers do not say."""
    frames = [frame for header in headers for frame in header.frames]
    if any(frame.position is None or frame.orientation is None for frame in frames):
        return None
    across, down = np.reshape(np.array(frames[0].orientation, dtype=np.float64), (2, 3))
    normal = np.cross(across, down)
    return [float(np.dot(normal, frame.position or ())) for frame in frames]


def _goes_on(row: Sequence[Header], piece: Sequence[Header]) -> bool:
    """True if a piece, that begins above a row, is the rest of it."""
    if max(_along(row) or [0.0]) >= min(_along(piece) or [0.0]):
        return False
    numbers = [[one.number for one in headers] for headers in (row, piece)]
    ranges = [
        (min(known), max(known)) for own in numbers if (known := [n for n in own if n is not None])
    ]
    if len(ranges) < 2 or not (ranges[0][1] < ranges[1][0] or ranges[1][1] < ranges[0][0]):
        return False
    return _soon_after(row, piece) and makes_a_row([*row, *piece])


def _soon_after(row: Sequence[Header], piece: Sequence[Header]) -> bool:
    """False if dates or times tell that the two were not taken in one go."""
    told = [
        [dict(frame.split) for header in headers for frame in header.frames]
        for headers in (row, piece)
    ]
    dates = [{one.get("acquisition date", "") for one in own} - {""} for own in told]
    if all(dates) and not dates[0] & dates[1]:
        return False
    times = [
        [at for one in own if (at := seconds(one.get("acquisition time", ""))) is not None]
        for own in told
    ]
    if not all(times):
        return True
    pause = max(min(times[0]) - max(times[1]), min(times[1]) - max(times[0]))
    return pause <= _ONE_SCAN_S
