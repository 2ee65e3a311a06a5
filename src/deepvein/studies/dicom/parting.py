"""Which frames of one series make one image: what a scanner would not have put into one volume is parted.

A Series Instance UID may hold echoes, phases, kernels, acquisitions or stations. Their slices may lie at
the same places, but also half a step or a hair apart, where they would pass for one finer volume. So
frames are parted by what their headers say, and only then laid into a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from deepvein.studies.dicom.clock import days_apart, go_on_after_midnight, seconds
from deepvein.studies.dicom.frame import OF_SERIES, Frame
from deepvein.studies.dicom.slice_row import (
    SAME_MM,
    are_packages,
    axes,
    crowded,
    is_counted_row,
    is_one_scan,
    is_row,
    lie_between,
    positions,
)

ALWAYS = (
    "image type",
    "kernel",
    "echo",
    "echo time",
    "temporal position",
    "diffusion weighting",
    "cardiac phase",
    "contrast agent",
    "tube voltage",
    "stack",
    "frame of reference",
)
"""Values that are the same in all slices of one volume."""

WHERE_THEY_MEET = (
    "full image type",
    "series number",
    "description",
    "protocol",
    "comments",
    "acquisition",
    "trigger time",
    "series time",
    "contrast start",
    "filter",
    "field of view",
    "table height",
    "patient position",
    "flip angle",
    "inversion time",
    "repetition time",
    "slice thickness",
    "acquisition date",
    "acquisition date and time",
    "acquisition time",
    "content time",
)
"""Values that scanners also change within one volume, from block to block (step and shoot) or from slice
to slice; they part frames only where the parts would lie between one another."""

_CLERICAL = ("station name", "institution", "patient weight")
"""Values of a series that people correct and archives rewrite; they say nothing of the image."""

_UNSAID = re.compile(r"^(original|derived)(?=\\primary)|\\(axial|other)$", re.IGNORECASE)
"""Values of Image Type that archives change or drop from some slices of a scan."""

_MEASURED = ("echo", "echo time", "tube voltage")
_TRIFLE = 0.01
"""Share by which such a value may change from slice to slice, as scanners and archives round it."""

_TIMES = ("acquisition date and time", "acquisition time", "content time")
"""Of these, values that may go on from slice to slice; a pause divides them into runs."""


@dataclass(frozen=True)
class PartingSettings:
    """aside_mm: frames whose first pixels lie farther apart within their plane are different stations.
    fewest_aside: frames that such a station must have; fewest_swept: those of a sweep of image numbers,
    more, so that numbers in no order make no sweeps.
    pause_s, pause_ratio: times of slices belong to different runs where the time between them exceeds
    both `pause_s` and `pause_ratio` times the usual one.
    """

    aside_mm: float = 5.0
    fewest_aside: int = 3
    fewest_swept: int = 6
    pause_s: float = 2.0
    pause_ratio: float = 10.0


DEFAULT = PartingSettings()


@dataclass(frozen=True, eq=False)
class Part:
    """Frames that make one image.

    kind: what tells it from the others ("echo 2"), empty if nothing had to; station: from 1 where the
    images are stations of one kind that lie beside one another, else 0.
    """

    frames: tuple[Frame, ...]
    kind: str = ""
    station: int = 0


def parts(frames: Sequence[Frame], settings: PartingSettings = DEFAULT) -> list[Part]:
    """Every image among frames of one plane and size; one part if nothing tells the frames apart."""
    for label in ALWAYS:
        groups = _groups(frames, label, settings)
        if len(groups) > 1 and not _are_one_image(label, groups, settings):
            return _parted(label, groups, settings)
    for label in OF_SERIES:
        groups = _of_series(frames, label)
        dated = [(day, frame) for day, members in groups.items() for frame in members]
        if label == "series date" and go_on_after_midnight(dated):
            continue
        if len(groups) > 1:
            return _parted(label, groups, settings)
    days = _groups(frames, "acquisition date", settings)
    if days_apart(days) and not is_counted_row(frames):
        return _parted("acquisition date", days, settings)
    stations = _stations(frames, settings)
    if len(stations) > 1:
        return [
            replace(part, station=number)
            for number, members in enumerate(stations, start=1)
            for part in parts(members, settings)
        ]
    for label in WHERE_THEY_MEET:
        groups = _groups(frames, label, settings)
        if _meet(list(groups.values()), label, settings):
            return _parted(label, groups, settings)
    sweeps = _sweeps(frames, settings)
    return [
        Part(tuple(members), f"sweep {number}" if len(sweeps) > 1 else "")
        for number, members in enumerate(sweeps, start=1)
    ]


def _of_series(frames: Sequence[Frame], label: str) -> dict[str, list[Frame]]:
    """Frames by a value that no scanner changes within a series; those that do not say stand for themselves,
    but one that is not given in some says nothing, nor does one that only counts the slices, or one that people
    correct in a row that is counted."""
    out: dict[str, list[Frame]] = {}
    spelt: dict[str, str] = {}
    for frame in frames:
        value = dict(frame.split).get(label, "").strip()
        out.setdefault(spelt.setdefault(value.casefold(), value), []).append(frame)
    told_apart = 1 < len(out.keys() - {""}) <= max(2, len(frames) // 2)
    if told_apart and not (label in _CLERICAL and is_counted_row(frames)):
        return out
    return {"": list(frames)}


def _parted(label: str, groups: dict[str, list[Frame]], settings: PartingSettings) -> list[Part]:
    return [
        replace(part, kind=", ".join(word for word in (_called(label, value), part.kind) if word))
        for value, members in groups.items()
        for part in parts(members, settings)
    ]


def _called(label: str, value: str) -> str:
    return f"{label} {value}" if value else f"{label} not given"


def _groups(
    frames: Sequence[Frame], label: str, settings: PartingSettings
) -> dict[str, list[Frame]]:
    """Frames by what their headers say under `label`; one group where that only counts the slices."""
    told: Sequence[str] = _one_spelling(
        [dict(frame.split).get(label, "") for frame in frames], label
    )
    if len(set(told)) > max(2, len(frames) // 2) or len(set(told)) == len(frames) > 2:
        if label not in _TIMES:
            return {"": list(frames)}
        told = _runs(told, settings)
    out: dict[str, list[Frame]] = {}
    for frame, value in zip(frames, told, strict=True):
        out.setdefault(value, []).append(frame)
    return out


def _one_spelling(told: Sequence[str], label: str) -> list[str]:
    """The same with values that differ in capitals, kernels also in spaces, or as numbers by a trifle, written
    as the first of them."""
    if label not in _MEASURED:
        first: dict[str, str] = {}
        joints = " _" if label == "kernel" else ""
        return [
            first.setdefault("".join(x for x in value.casefold().strip() if x not in joints), value)
            for value in told
        ]
    numbers: dict[str, float] = {}
    for value in dict.fromkeys(told):
        try:
            numbers[value] = float(value)
        except ValueError:
            continue
    ordered = sorted(numbers, key=lambda value: numbers[value])
    alike = dict(zip(ordered, ordered, strict=True))
    for before, value in pairwise(ordered):
        if numbers[value] - numbers[before] <= _TRIFLE * abs(numbers[value]):
            alike[value] = alike[before]
    return [alike.get(value, value) for value in told]


def _runs(told: Sequence[str], settings: PartingSettings) -> list[str]:
    """For each time the first one of its run; runs are divided by pauses."""
    when = {text: seconds(text) for text in set(told)}
    known = sorted((at, text) for text, at in when.items() if at is not None)
    if len(known) < len(when):
        return [""] * len(told)
    gaps = np.diff([at for at, _ in known])
    pause = max(settings.pause_s, settings.pause_ratio * float(np.median(gaps)))
    first: dict[str, str] = {known[0][1]: known[0][1]}
    for gap, (_, before), (_, text) in zip(gaps, known, known[1:], strict=False):
        first[text] = text if gap > pause else first[before]
    return [first[text] for text in told]


def _meet(groups: Sequence[Sequence[Frame]], label: str, settings: PartingSettings) -> bool:
    """True if frames of several groups would lie between or upon one another, and are not one scan."""
    if len(groups) < 2:
        return False
    every = [frame for group in groups for frame in group]
    if crowded(every) and not any(crowded(group) for group in groups):
        return True
    meet = lie_between(groups) and not is_one_scan(every)
    return meet and not (label in _TIMES and are_packages(every))


def _are_one_image(label: str, groups: dict[str, list[Frame]], settings: PartingSettings) -> bool:
    """True where what differs was written otherwise, or lost, within one image. Single slices may be strays."""
    if _lacks_in_part(label, groups, settings):
        return True
    if min(map(len, groups.values())) < settings.fewest_aside or not _name_one_kind(label, groups):
        return False
    return _go_on(groups, settings)


def _go_on(groups: dict[str, list[Frame]], settings: PartingSettings) -> bool:
    """True if slices of a counted row do not lie between those of another group, or are not so thick that two
    scans may lie half a step apart."""
    every = [frame for group in groups.values() for frame in group]
    if lie_between(list(groups.values())):
        return is_one_scan(every)
    return is_counted_row(every)


def _name_one_kind(label: str, told: Iterable[str]) -> bool:
    """True for values that may stand for one kind of image: names of a contrast agent, frames of reference, and
    image types that differ in whether an archive calls them derived, or lack what the others say."""
    if label == "image type":
        return len({_UNSAID.sub("", value) for value in told}) == 1
    return label in ("contrast agent", "frame of reference") and all(told)


def _lacks_in_part(label: str, groups: dict[str, list[Frame]], settings: PartingSettings) -> bool:
    """True for one value and none, where the slices of one group go on as those of the other end, or all are
    counted along one row. Single slices that say something where the others do not may be strays."""
    if len(groups) != 2 or "" not in groups:
        return False
    every = [frame for group in groups.values() for frame in group]
    if len(every) - len(groups[""]) < settings.fewest_aside:
        return False
    # Who gave no contrast agent names none.
    if _go_on(groups, settings) if label == "contrast agent" else is_counted_row(every):
        return True
    few = len(groups[""]) < settings.fewest_aside
    return not few and not lie_between(list(groups.values())) and is_row(every)


def _stations(frames: Sequence[Frame], settings: PartingSettings) -> list[list[Frame]]:
    """Frames parted by where they lie within their plane, where the parts lie between one another."""
    whole = [list(frames)]
    if any(frame.position is None or frame.orientation is None for frame in frames):
        return whole
    aside = positions(frames) @ axes(frames[0])[1:].T
    groups: list[list[int]] = []
    for index, place in enumerate(aside):
        for group in groups:
            if np.linalg.norm(aside[group[0]] - place) < settings.aside_mm:
                group.append(index)
                break
        else:
            groups.append([index])
    stations = [[frames[index] for index in group] for group in groups]
    if min(map(len, stations)) < settings.fewest_aside or not lie_between(stations):
        return whole
    return stations


def _sweeps(frames: Sequence[Frame], settings: PartingSettings) -> list[list[Frame]]:
    """Frames parted where their image numbers, or else their names, run along the same way again.

    Slices of one volume are numbered from one end to the other. Two images whose slices lie between one
    another, and that no other value tells apart, are numbered one after the other. Files that lie upon one
    another and bear the same numbers stay together, to be refused: they may be of two patients.
    """
    whole = [list(frames)]
    if any(frame.position is None or frame.orientation is None for frame in frames):
        return whole
    numbers = [frame.instance.number for frame in frames]
    if len(set(numbers)) == len(frames) and None not in numbers:
        order = sorted(frames, key=lambda frame: frame.instance.number or 0)
    elif None not in numbers and crowded(frames) and all(one.layout.frames == 1 for one in frames):
        return whole
    else:
        order = sorted(frames, key=lambda frame: (str(frame.path), frame.index))
    along = positions(order) @ axes(order[0])[0]
    forward = np.sign(along[-1] - along[0]) or 1.0
    turns = np.flatnonzero(np.diff(along) * forward < -SAME_MM) + 1
    runs = [list(run) for run in np.split(np.array(order, dtype=object), turns)]
    if len(runs) < 2 or min(map(len, runs)) < settings.fewest_swept:
        return whole
    if not lie_between(runs) or are_packages(frames):
        return whole
    # Numbers of a few slices that are exchanged leave two runs with holes where the whole has none.
    return whole if is_row(frames) and not all(map(is_row, runs)) else runs


def differing(one: Frame, other: Frame) -> str:
    """The first value that never differs within an image and does between two frames, as `echo 2 instead of 1`;
    empty if none does."""
    told, asked = dict(one.split), dict(other.split)
    for label in (*ALWAYS, *OF_SERIES):
        value, usual = asked.get(label, ""), told.get(label, "")
        if value.casefold() != usual.casefold() and (label in ALWAYS or (value and usual)):
            return f"{_called(label, value)} instead of {usual or 'none'}"
    return ""
