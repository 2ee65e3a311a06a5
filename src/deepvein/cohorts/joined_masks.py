"""One mask out of several files of a case, as of one thrombus or vein a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.naming import side_named
from deepvein.anatomy.thrombus_kinds import ThrombusKind, kind_named
from deepvein.anatomy.veins import Side
from deepvein.cohorts.filenames import stem_of
from deepvein.core.errors import MaskError
from deepvein.volumes.grid import Grid


@dataclass(frozen=True, eq=False)
class DrawnMask:
    """A mask file as labels on the image's grid; renumbered: the file itself has others."""

    path: Path
    labels: NDArray[np.uint8]
    grid: Grid
    remarks: tuple[str, ...] = ()
    renumbered: bool = False

    @property
    def marked(self) -> NDArray[np.bool_]:
        return self.labels > 0


def joined_veins(parts: Sequence[DrawnMask]) -> NDArray[np.uint8]:
    """One map of parts that keep their numbers; MaskError where two differ on a voxel."""
    out = np.array(parts[0].labels)
    for n, one in enumerate(parts[1:], start=1):
        differing = one.marked & (out > 0) & (out != one.labels)
        if differing.any():
            _refuse(parts[:n], one)
        np.copyto(out, one.labels, where=one.marked)
    return out


def joined_thrombi(
    parts: Sequence[DrawnMask],
) -> tuple[NDArray[np.uint8], tuple[ThrombusKind, ...], str]:
    """Thrombi of several files, one each unless names or places tell otherwise; MaskError where two overlap.

    The map; the kind of thrombus of each of its numbers, empty if files tell none; and, where what touches is
    one thrombus, what the files are of, to be told: a map of 1 alone then.
    """
    if _are_slices(parts):
        return np.any([one.marked for one in parts], axis=0).astype(np.uint8), (), "slice"
    kinds = _kinds(parts)
    if kinds:
        whole = [replace(one, labels=one.marked.astype(np.uint8)) for one in parts]
        return _numbered(whole), kinds, ""
    if _are_sides(parts):
        return (_numbered(parts) > 0).astype(np.uint8), (), "side"
    return _numbered(parts), (), ""


def _numbered(parts: Sequence[DrawnMask]) -> NDArray[np.uint8]:
    """One map in which every label of every part has a number of its own; MaskError where two overlap."""
    out = np.zeros(parts[0].labels.shape, dtype=np.uint8)
    count = 0
    for n, one in enumerate(parts):
        if (one.marked & (out > 0)).any():
            _refuse(parts[:n], one)
        for label in np.unique(one.labels[one.marked]):
            count += 1
            if count > np.iinfo(np.uint8).max:
                raise MaskError("they hold more than 255 thrombi")
            out[one.labels == label] = count
    return out


def _are_slices(parts: Sequence[DrawnMask]) -> bool:
    """Whether parts are a slice of the image each, two of them side by side: what touches is one thrombus then,
    and not one a file."""
    marks = [np.argwhere(one.marked) for one in parts if one.marked.any()]
    for axis in range(3):
        planes = [np.unique(found[:, axis]) for found in marks]
        if len(planes) > 1 and all(len(plane) == 1 for plane in planes):
            places = np.sort(np.concatenate(planes))
            steps = np.diff(places)
            return bool((steps > 0).all() and (steps == 1).any())
    return False


def _are_sides(parts: Sequence[DrawnMask]) -> bool:
    """Whether parts are all that was drawn on a side each: no name has a number that another one has not."""
    numbers = {tuple(re.findall(r"\d+", stem_of(one.path))) for one in parts}
    sides = [side_named(stem_of(one.path)) for one in parts]
    sides = [
        side_named(one.path.parent.name) if side is Side.UNKNOWN else side
        for one, side in zip(parts, sides, strict=True)
    ]
    apart = Side.UNKNOWN not in sides and len(set(sides)) == len(sides)
    return apart and len(numbers) == 1 and all(one.labels.max(initial=0) <= 1 for one in parts)


def _refuse(before: Sequence[DrawnMask], one: DrawnMask) -> None:
    shared = {other.path.name: int((other.marked & one.marked).sum()) for other in before}
    name = max(shared, key=lambda other: shared[other])
    raise MaskError(
        f"{name} and {one.path.name} overlap in {shared[name]} voxels; keep the one that is right, or one file "
        "for each"
    )


def _kinds(parts: Sequence[DrawnMask]) -> tuple[ThrombusKind, ...]:
    """The kind of thrombus that each file's name tells, if every one tells another; else ()."""
    told = [kind for one in parts if (kind := kind_named(stem_of(one.path)))]
    texts = {kind.text for kind in told}
    return tuple(told) if len(texts) == len(parts) > 1 else ()
