"""What a mask file says about thrombi, and about vein segments, whatever else it marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from deepvein.anatomy.naming import names_other, names_target, names_thrombus, names_vein
from deepvein.anatomy.veins import Side, VeinSegment, decode, encode
from deepvein.core.errors import MaskError
from deepvein.studies.masks.colour_tables import colour_tables
from deepvein.studies.masks.labels import Labels, Region, present_labels
from deepvein.studies.masks.reading import read_labels, read_regions
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

_DIAGNOSES = re.compile(r"dvt|tvp|tvt|\w*(thrombos|trombos)[ei]\w*", re.IGNORECASE)
"""What patients have says nothing of a file."""
_FULL = 255
_MANY = 20
"""More thrombi than are counted in one patient."""


def read_thrombi(path: Path, onto: Grid) -> Labels:
    """Thrombi on the grid `onto`: 0 none, else a number for each, as the file numbers them.

    Of a file that names its regions those that are thrombi by code or name are read, so that veins may lie
    in the same file; if no name tells, all of them, but for those that are called something else (`body`,
    `femur`) beside others, with a remark. Raises MaskError as `read_labels`, and where regions are veins and
    none is called a thrombus, unless the file is.
    """
    regions = _regions(path)
    thrombi = [region for region in regions if region.thrombus]
    if not thrombi:
        regions = tuple(region for region in regions if region.marks)
        _require_one_kind(path, regions)
        names = [one.name for one in regions]
        taken = [
            one for one in regions if not (names_other(one.name) or names_target(one.name, names))
        ]
        taken = taken or list(regions)
        labels = read_labels(path, onto, [one.number for one in taken] or None)
        left = _left_out(path, [one for one in regions if one not in taken])
        return _remarked(labels, *left, *_all_taken(path, taken), *_odd_numbers(path, labels))
    labels = read_labels(path, onto, [region.number for region in thrombi])
    _require_meant(path, onto, labels)
    others = [one for one in regions if not (one.thrombus or one.vein or names_vein(one.name))]
    return _remarked(labels, *_left_out(path, others))


def read_segments(path: Path, onto: Grid) -> Labels:
    """Vein segments on the grid `onto`, encoded as `anatomy.veins.encode` says.

    Of a file that names its regions codes and names decide which vein each is, and what is no vein is left
    out. In files without names, and where a single name or one such as `Segment_7` tells nothing, the numbers
    must be those of the veins; a single region that is called veins, and no vein, is 1. Raises MaskError as
    `read_labels`, for a vein that is not known among several regions, for several names of which none is a
    vein's, and for other numbers.
    """
    everything = _regions(path)
    regions = [region for region in everything if region.marks and not region.thrombus]
    if everything and not regions:
        raise MaskError(
            f"{path} marks thrombi alone ({_quoted(everything)}); vein segments are needed"
        )
    veins = [region for region in regions if region.vein is not None]
    unknown = [one.name for one in regions if one.vein is None and names_vein(one.name)]
    if not veins and len(regions) == 1 and unknown and _own_names(regions):
        labels = read_labels(path, onto, [regions[0].number])
        whole = Labels(Volume((labels.volume.array > 0).astype(np.uint8), onto), {}, labels.remarks)
        return _remarked(
            whole, f"{path.name} marks {unknown[0]!r} as one: no vein can be told by name"
        )
    if not veins and (len(regions) < 2 or not unknown):
        _require_numbers(path, regions)
        return _numbered(read_labels(path, onto, [one.number for one in regions] or None), path)
    if unknown:
        raise MaskError(
            f"{path} marks {', '.join(map(repr, unknown[:3]))}, which is not a vein that is known; name it "
            "such as 'left popliteal vein', or store it in another file"
        )
    labels = read_labels(path, onto, [region.number for region in veins])
    code = np.zeros(256, dtype=np.uint8)
    sideless = []
    for region in veins:
        if region.vein is not None:
            code[region.number] = encode(*region.vein)
            sideless += [region.name] if region.vein[1] is Side.UNKNOWN else []
    named = {int(code[number]): name for number, name in labels.names.items()}
    remarks = _left_out(path, [one for one in regions if one.vein is None])
    remarks += [f"{path.name} does not say the side of {one!r}, taken as right" for one in sideless]
    return _remarked(
        Labels(Volume(code[labels.volume.array], onto), named, labels.remarks), *remarks
    )


def _regions(path: Path) -> tuple[Region, ...]:
    """What a file marks; a `PTV` beside volumes of radiotherapy is one of them and no vein."""
    regions = read_regions(path)
    names = [region.name for region in regions]
    return tuple(
        replace(one, vein=None) if names_target(one.name, names) else one for one in regions
    )


def _require_one_kind(path: Path, regions: Sequence[Region]) -> None:
    """MaskError where regions are veins and nothing is called a thrombus: what of them is one cannot be told.

    Thrombi are often called after their vein; then the name of the file has to say that they are thrombi.
    """
    veins = [one for one in regions if one.vein is not None or names_vein(one.name)]
    others = [one for one in regions if one not in veins]
    if veins and (others or not names_thrombus(path.name)):
        beside = (
            f" and calls no other region a thrombus ({_quoted(others)})" if others else " alone"
        )
        raise MaskError(
            f"{path} marks veins ({_quoted(veins)}){beside}; name thrombi such as 'thrombus 1'"
        )


def _require_meant(path: Path, onto: Grid, thrombi: Labels) -> None:
    """MaskError where a file is called after thrombi and marks none of them by a table that lies beside it: it
    may be a mask of thrombi alone, numbered by itself, and the table that of another file."""
    tables = colour_tables(path)
    called = names_thrombus(_DIAGNOSES.sub(" ", path.name))
    if not tables or not called or thrombi.volume.array.any():
        return
    numbers = present_labels(read_labels(path, onto).volume.array)
    if numbers:
        raise MaskError(
            f"{path} is called after thrombi and marks with {numbers[0]}, which is none by {tables[0].name}; "
            "name its labels in a table called after it, or call the file otherwise"
        )


def _require_numbers(path: Path, regions: Sequence[Region]) -> None:
    """MaskError if several regions have names of their own, so that their numbers are but an order."""
    own = _own_names(regions)
    if len(regions) > 1 and own:
        raise MaskError(
            f"{path} names no vein ({_quoted(own)}); name its regions such as 'left popliteal vein'"
        )


def _own_names(regions: Sequence[Region]) -> list[Region]:
    """The regions whose names are not their numbers, as `Segment_7` is."""
    return [one for one in regions if not re.search(rf"(^|\D)0*{one.number}$", one.name.strip())]


def _quoted(regions: Sequence[Region]) -> str:
    """The first three names, and how many more there are."""
    names = ", ".join(repr(region.name) for region in regions[:3])
    return names + (f" and {len(regions) - 3} more" if len(regions) > 3 else "")


def _all_taken(path: Path, regions: Sequence[Region]) -> list[str]:
    named = [region for region in regions if region.name]
    text = f"{path.name} calls no region a thrombus; all were taken as thrombi: {_quoted(named)}"
    return [text] if named else []


def _odd_numbers(path: Path, labels: Labels) -> list[str]:
    """A remark on numbers without names that are not 1, 2, 3 of a few thrombi: of organs, or percent. MaskError
    for 255 among others that leave out numbers: soft edges, or what is to be ignored."""
    numbers = present_labels(labels.volume.array)
    counted = numbers == list(range(1, len(numbers) + 1))
    if labels.names or (len(numbers) <= _MANY and counted):
        return []
    if numbers[-1] == _FULL and not counted:
        raise MaskError(
            f"{path} marks with {', '.join(map(str, numbers[:4]))}{' and more' if len(numbers) > 4 else ''}: "
            "beside 255 these are the soft edges of one thrombus, or 255 is what is to be ignored; threshold "
            "it, or name its labels"
        )
    told = ", ".join(map(str, numbers[:5])) + (" and more" if len(numbers) > 5 else "")
    return [
        f"{path.name} marks with {told}, each taken as the number of one thrombus; name them if they are of "
        "something else, and threshold probabilities in percent"
    ]


def _numbered(labels: Labels, path: Path) -> Labels:
    """The labels if every one is the number of a vein; MaskError that tells the others."""
    numbers = present_labels(labels.volume.array)
    wrong = [label for label in numbers if not _is_vein(label)]
    if wrong:
        raise MaskError(
            f"{path} has the labels {', '.join(map(str, wrong[:5]))}, which are no vein segments: 1 to "
            f"{max(VeinSegment)} on the right and in the midline, the same plus 32 on the left"
        )
    if labels.names:
        names = ", ".join(repr(name) for name in list(labels.names.values())[:3])
        return _remarked(
            labels, f"no name in {path.name} is that of a vein ({names}); its numbers were taken"
        )
    if numbers == [1]:
        one = f"{path.name} marks every vein as 1, the inferior vena cava: no vein can be told by name"
        return _remarked(labels, one)
    return labels


def _is_vein(label: int) -> bool:
    try:
        decode(label)
    except MaskError:
        return False
    return True


def _left_out(path: Path, regions: list[Region]) -> list[str]:
    names = ", ".join(repr(region.name) for region in regions)
    return [f"{path.name} marks other things too, left out: {names}"] if regions else []


def _remarked(labels: Labels, *remarks: str) -> Labels:
    return Labels(labels.volume, labels.names, (*labels.remarks, *remarks))
