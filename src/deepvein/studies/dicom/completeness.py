"""What headers tell of files that should be there and are not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from deepvein.studies.dicom.frame import Frame
from deepvein.studies.dicom.header import Header

_FEWEST_NUMBERS = 3
"""Different image numbers below which their repetition says nothing."""

_FEW_SLICES = 3
"""Slices that a station may lack by an accident."""

_GAP = 1.5
"""Distance of slices, in their thickness, from which something between them was not scanned."""

_EXCHANGED, _FEW_EXCHANGED = 2, 0.1
"""Places by which slices are exchanged, and the share of slices, where that is an accident."""
_FEWEST_ROW = 10
"""Slices below which their order says nothing."""

_FEWEST_STEPS = 4
"""Image numbers below which equal steps between them say nothing."""


def missing_parts(files: Sequence[Header]) -> str:
    """A sentence on parts of a concatenation that are not among the files of a series, or are there twice, else
    empty.

    Such a series shows a part of the body only, although its slices make a regular row.
    """
    there: dict[str, dict[int, Header]] = {}
    for header in files:
        if header.concatenation is not None:
            known = there.setdefault(header.concatenation.uid, {})
            number = header.concatenation.number
            if known.setdefault(number, header) is not header:
                return (
                    f"part {number} of a multi-frame image is there twice, {_named(known[number], header)}: "
                    "keep one"
                )
    for parts in there.values():
        totals = [one.concatenation.total for one in parts.values() if one.concatenation]
        total = max([*parts, *(total for total in totals if total)])
        lost = [str(number) for number in range(1, total + 1) if number not in parts]
        if lost:
            names = _named(*(parts[number] for number in sorted(parts)))
            return (
                f"part {', '.join(lost)} of {total} of a multi-frame image is missing beside {names}; "
                "copy all of its files"
            )
    return ""


def _named(*headers: Header) -> str:
    """Names of files, with their folders where the files are all called the same."""
    names = [header.path.name for header in headers]
    if len(set(names)) < len(names):
        names = [f"{header.path.parent.name}/{header.path.name}" for header in headers]
    return ", ".join(names)


def missing_ends(files: Sequence[Header]) -> str:
    """A sentence on images of a series that its headers count and that are not there, else empty.

    Slices that are missing at an end leave a regular row behind; what tells of them are Images in
    Acquisition, Number of Series Related Instances, as archives add it, what GE and Philips count in elements
    of their own, and image numbers that run without a gap but do not begin at 0 or 1.
    """
    of_series = max((header.in_series or 0 for header in files), default=0)
    if of_series > len(files):
        return (
            f"the headers count {of_series} files in the series, {len(files)} are here; "
            f"{of_series - len(files)} may be missing at an end"
        )
    counted: dict[str, list[Header]] = {}
    for header in files:
        if header.in_acquisition and header.frames:
            acquisition = dict(header.frames[0].split).get("acquisition", "")
            counted.setdefault(acquisition, []).append(header)
    for members in counted.values():
        said = max(header.in_acquisition or 0 for header in members)
        there = sum(len(header.frames) for header in members)
        if said > there:
            return (
                f"the headers count {said} images in the acquisition, {there} are here; "
                f"{said - there} may be missing at an end"
            )
    places = max((header.places or 0 for header in files), default=0)
    shown = {frame.position for header in files for frame in header.frames}
    if places > len(shown):
        return (
            f"the scanner counts {places} slices in the volume, {len(shown)} places are shown here; "
            f"{places - len(shown)} may be missing at an end"
        )
    pieces = [
        one.concatenation for one in files if one.concatenation and not one.concatenation.total
    ]
    if pieces:
        return (
            f"{len(pieces)} parts of a multi-frame image are here; the headers do not say how many there are, "
            "so that some may be missing at an end"
        )
    numbers = sorted({header.number for header in files if header.number is not None})
    if len(numbers) > 1 and numbers[0] > 1 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return (
            f"the image numbers begin at {numbers[0]}; images 1 to {numbers[0] - 1} of the series are not "
            "here and may be missing at an end"
        )
    return ""


def missing_passes(files: Sequence[Header]) -> str:
    """A sentence on temporal positions that the headers of a study count and that are not there, else empty.

    Of several passes the last is the one in which veins are filled; one that was not copied is missed.
    """
    said = max((header.passes or 0 for header in files), default=0)
    told = (dict(frame.split).get("temporal position") for one in files for frame in one.frames)
    there = len({value for value in told if value})
    if not 0 < there < said:
        return ""
    return (
        f"the headers count {said} passes over one place (temporal positions), {there} are here: a pass in "
        "which the veins are filled may be missing"
    )


def missing_files(files: Sequence[Header]) -> str:
    """A sentence on files that the headers of a study's files count and that are not there, else empty."""
    said = max((header.in_study or 0 for header in files), default=0)
    if said <= len(files):
        return ""
    return (
        f"the headers count {said} files in the study, {len(files)} are here: other series or slices may be "
        "missing"
    )


def without_patient(frames: Sequence[Frame], files: Sequence[Header]) -> str:
    """A sentence on slices of one image that name no patient where others do, else empty.

    Nothing tells that they are of the same one: a series is named as a whole, or not at all.
    """
    subjects = {header.path: header.subject for header in files}
    own = dict.fromkeys(frame.path for frame in frames)
    named = [path for path in own if subjects[path].patient_id or subjects[path].patient_name]
    if len(named) in (0, len(own)):
        return ""
    first = next(path for path in own if path not in named)
    who = subjects[named[0]].patient_id or subjects[named[0]].patient_name
    return (
        f"{len(own) - len(named)} of {len(own)} files name no patient, first {first.name}, the others {who}: "
        "they may be of two patients; export the series again"
    )


def exchanged(frames: Sequence[Frame]) -> str:
    """A sentence on a few slices whose image numbers run against their places, else empty.

    frames: one file each, in the order of their places. Where numbers count something else than places, as
    slices that were taken in turn, they differ all along or by much.
    """
    numbers = [frame.instance.number for frame in frames if frame.instance.number is not None]
    if len(frames) < _FEWEST_ROW or len(set(numbers)) < len(frames):
        return ""
    if len({frame.path for frame in frames}) < len(frames):
        return ""
    ranks = {number: rank for rank, number in enumerate(sorted(numbers))}
    for ways in (frames, frames[::-1]):
        away = [abs(ranks[frame.instance.number or 0] - place) for place, frame in enumerate(ways)]
        odd = [frame.path.name for frame, far in zip(ways, away, strict=True) if far]
        if odd and max(away) <= _EXCHANGED and len(odd) <= max(2, _FEW_EXCHANGED * len(frames)):
            named = ", ".join(sorted(odd)[:4])
            return (
                f"the image numbers of {named} run against their places, which were believed: the images may "
                "be exchanged"
            )
    return ""


def steps_between(files: Sequence[Header], others: Collection[int]) -> str:
    """A sentence on image numbers that go by twos, threes or more, else empty.

    Where every second slice is lost the rest makes a regular row. others: numbers of further images of the
    series, such as other echoes, which stand between.
    """
    numbers = sorted({one.number for one in files if one.number is not None} - {0})
    if len(numbers) < _FEWEST_STEPS or len(numbers) < len(files):
        return ""
    step = numbers[1] - numbers[0]
    if step == 1 or any(b - a != step for a, b in pairwise(numbers)):
        return ""
    if any(numbers[0] < other < numbers[-1] for other in others):
        return ""
    first = ", ".join(map(str, numbers[:3]))
    return (
        f"the image numbers go by {step} ({first} …): the images between them are not here; if the scanner "
        f"made them, the slices lie {step} times as far apart as they were acquired"
    )


def gaps_between(frames: Sequence[Frame], step_mm: float) -> str:
    """A sentence on slices that lie much farther apart than they are thick, else empty.

    Scans with gaps are made so, or every second slice was lost and the rest numbered anew; either way, what
    lies between was not seen.
    """
    told = dict(frames[0].split).get("slice thickness", "")
    try:
        thickness = float(told)
    except ValueError:
        return ""
    if not 0 < _GAP * thickness < step_mm:
        return ""
    return (
        f"the slices are {thickness:g} mm thick and lie {step_mm:g} mm apart: what lies between them is not "
        "shown, or slices are missing"
    )


def doubled_numbers(frames: Sequence[Frame]) -> str:
    """A sentence if every image number occurs as often as every other and more than once, else empty.

    So it is where two images, whose slices lie between one another or go on where the other's end, share a
    series.
    """
    files: dict[int, list[Frame]] = {}
    for frame in frames:
        if frame.layout.frames == 1 and frame.instance.number is not None:
            files.setdefault(frame.instance.number, []).append(frame)
    counts = {len(members) for members in files.values()}
    if len(files) < _FEWEST_NUMBERS or len(counts) > 1 or counts == {1}:
        return ""
    first, second = next(iter(files.values()))[:2]
    return (
        f"each image number occurs {counts.pop()} times, first in {first.path.name} and {second.path.name}: "
        "these are several images, or of several patients; export each as its own series"
    )


def short_stations(stations: Sequence[Sequence[Frame]]) -> str:
    """A sentence on stations that have a few slices less than the most, else empty.

    Stations of one examination are planned alike; one that lacks a slice at an end still makes a regular
    row and is joined. A station of far fewer slices was planned so.
    """
    counts = [len(frames) for frames in stations]
    most = max(counts, default=0)
    short = [number for number, count in enumerate(counts, 1) if most - _FEW_SLICES <= count < most]
    if not short or counts.count(most) <= len(counts) // 2:
        return ""
    named = ", ".join(f"station {number} ({counts[number - 1]})" for number in short)
    return f"{named} has fewer slices than the others ({most}); some may be missing at an end"
