"""Images that are there a second time under other UIDs, as a second export or an anonymiser leaves them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

from deepvein.core.errors import InputError
from deepvein.studies.dicom.frame import Frame
from deepvein.studies.dicom.header import Header
from deepvein.studies.dicom.pixels import read_pixels
from deepvein.studies.study import Modality

_GIVEN_ANEW = {
    "frame of reference",
    "series number",
    "description",
    "protocol",
    "comments",
    "series date",
    "series time",
    "study time",
    "study ID",
    "content time",
    "institution",
    "station name",
    "device",
}
"""Values that an export may change although the image is the same."""

_DIGITS = 2
"""Decimals of a millimetre that places are compared by; exports write them more or less finely."""


def without_twins(headers: Sequence[Header]) -> tuple[tuple[Header, ...], dict[Path, Path]]:
    """`headers` without images that another one shows as well, and which of which.

    Twins lie at one place, say nothing that contradicts the other but UIDs and what exports give anew, and have
    the same pixels. Those without any image count only beside others of their series. Of a pair the one stays
    whose series has more files. Pixels are read only where headers say so much, and of two series all only
    where three do not differ. Frames of one file are compared likewise (see `without_doubled`).
    """
    sizes = Counter(header.series_uid for header in headers)
    ranked = sorted(
        headers, key=lambda one: (-sizes[one.series_uid], one.series_uid, str(one.path))
    )
    groups: dict[Hashable, list[Header]] = {}
    for header in ranked:
        if header.usable:
            groups.setdefault(_place(header), []).append(header)
    looks = _Looks()
    pairs = [pair for group in groups.values() for pair in _alike(group)]
    by_series: dict[tuple[str, str], list[tuple[Header, Header]]] = {}
    for pair in pairs:
        by_series.setdefault(_series(pair), []).append(pair)
    # Passes whose headers do not differ are hundreds of slices, of which some tell that they are no copies.
    perhaps = {
        series
        for series, many in by_series.items()
        if len(set(series)) == 1 or any(map(looks.same, (many[0], many[len(many) // 2], many[-1])))
    }
    same = [pair for pair in pairs if _series(pair) in perhaps and looks.same(pair)]
    sure = {_series(pair) for pair in same if not looks.of(pair[0]).blank}
    twins: dict[Path, Path] = {}
    for one, other in same:
        if _series((one, other)) in sure and one.path not in twins:
            twins.setdefault(other.path, one.path)
    rest = (header for header in headers if header.path not in twins)
    return tuple(without_doubled(header) for header in rest), twins


@dataclass(frozen=True)
class _Look:
    """What the pixels of a file are, empty if they cannot be read; blank: all are the same."""

    digest: bytes
    blank: bool


class _Looks:
    """Looks of files, each read once."""

    def __init__(self) -> None:
        self._seen: dict[Path, _Look] = {}

    def of(self, header: Header) -> _Look:
        if header.path not in self._seen:
            self._seen[header.path] = _look(header)
        return self._seen[header.path]

    def same(self, pair: tuple[Header, Header]) -> bool:
        return self.of(pair[0]).digest == self.of(pair[1]).digest != b""


def without_doubled(header: Header) -> Header:
    """A multi-frame image without frames that an earlier one shows as well: at one place, with the same pixels
    and nothing in the functional groups that contradicts."""
    if not header.usable or len(header.frames) < 2:
        return header
    places: dict[Hashable, list[int]] = {}
    for index, frame in enumerate(header.frames):
        places.setdefault(_of_frame(frame), []).append(index)
    told = _told(header)
    pairs = [
        pair
        for group in places.values()
        for pair in combinations(group, 2)
        if _agree(told[pair[0]], told[pair[1]])
    ]
    # Passes whose frames say nothing of it are hundreds of pairs, of which some tell that they are no copies.
    probes = [pairs[place] for place in (0, len(pairs) // 2, -1)] if pairs else []
    copies = {
        other for _, other in _same_pixels(header, pairs if _same_pixels(header, probes) else [])
    }
    frames = tuple(frame for index, frame in enumerate(header.frames) if index not in copies)
    return replace(header, frames=frames, doubled=len(copies))


def _same_pixels(header: Header, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those pairs of frames that have the same pixels; none if these cannot be read."""
    wanted = sorted({index for pair in pairs for index in pair})
    if not wanted:
        return []
    try:
        planes = read_pixels([header.frames[index] for index in wanted], Modality(header.modality))
    except (InputError, ValueError):
        return []
    plane = dict(zip(wanted, planes, strict=True))
    return [(one, other) for one, other in pairs if (plane[one] == plane[other]).all()]


def _series(pair: tuple[Header, Header]) -> tuple[str, str]:
    return pair[0].series_uid, pair[1].series_uid


def _place(header: Header) -> Hashable:
    return (header.study_uid, header.modality, *map(_of_frame, header.frames))


def _of_frame(frame: Frame) -> Hashable:
    told = (frame.position, frame.orientation, frame.spacing)
    rounded = tuple(
        tuple(round(x, _DIGITS) for x in values) if values else id(frame) for values in told
    )
    return rounded, frame.layout.rows, frame.layout.columns, frame.layout.samples


def _alike(group: Sequence[Header]) -> Iterator[tuple[Header, Header]]:
    told = {one.path: _told(one) for one in group} if len(group) > 1 else {}
    for one, other in combinations(group, 2):
        uid = one.instance.sop_instance
        one_version = bool(uid) and uid == other.instance.sop_instance
        if one_version or not all(map(_agree, told[one.path], told[other.path])):
            continue
        if not one.subject.difference(other.subject):
            yield one, other


def _told(header: Header) -> list[dict[str, str]]:
    """What each frame says of how it was taken and made."""
    return [
        {
            label: value.casefold()
            for label, value in frame.split
            if value and label not in _GIVEN_ANEW
        }
        for frame in header.frames
    ]


def _agree(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """True if what both say is the same."""
    return all(other.get(label, value) == value for label, value in one.items())


def _look(header: Header) -> _Look:
    try:
        array = read_pixels(header.frames, Modality(header.modality))
    except (InputError, ValueError):
        return _Look(b"", blank=True)
    return _Look(hashlib.sha256(array.tobytes()).digest(), blank=bool(array.min() == array.max()))
