"""What comes out of a mask file: numbered voxels, and what the numbers are called."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.naming import names_thrombus, vein_named
from deepvein.anatomy.thrombus_kinds import kind_named
from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.core.errors import MaskError
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

HALF = 0.5
"""A voxel of a soft mask is marked from here on, as in a FRACTIONAL segmentation (PS3.3 C.8.20.2)."""

_ROUNDING = 1e-3
"""Scaled or resampled labels may be off a whole number by so much."""
_FULL = (100, 255, 65535)
"""What stands for 1 in masks that image programs write, and in percent."""
_PERCENT = 100
_FEWEST_PAIRS = 16
_MANY_LEVELS = 5
"""Values from which a mask may be one of grades: a plateau, and a rim that rises to it."""


@dataclass(frozen=True)
class Region:
    """One region that a file names: its number there, its name, the coded or named vein, whether it is
    a thrombus by code or name, and whether the file has anything for it that can mark voxels."""

    number: int
    name: str
    vein: tuple[VeinSegment, Side] | None = None
    thrombus: bool = False
    marks: bool = True

    @classmethod
    def named(cls, number: int, name: str, *, marks: bool = True) -> Region:
        """A region of which nothing but its name is known; `acute` and `partial` alone are thrombi."""
        kind = kind_named(name)
        thrombus = names_thrombus(name) or (kind is not None and kind.alone)
        return cls(number, name, None if thrombus else vein_named(name), thrombus, marks)


@dataclass(frozen=True, eq=False)
class Labels:
    """volume: uint8, 0 is background; names: label -> name where the file gives one; remarks: what was
    decided on the way, a sentence each."""

    volume: Volume
    names: Mapping[int, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def combine(
    masks: Iterable[tuple[Region, Volume]], onto: Grid, path: Path, remarks: Iterable[str] = ()
) -> Labels:
    """One label map of masks on the grid `onto`, each with the number of its region.

    Regions of one name may overlap, as where one was exported twice; the first keeps what both mark. Raises
    MaskError where others do, or for a number beyond 255.
    """
    out = np.zeros(onto.shape, dtype=np.uint8)
    names: dict[int, str] = {}
    told = list(remarks)
    for region, mask in masks:
        if not 0 < region.number <= np.iinfo(np.uint8).max:
            raise MaskError(f"{path} numbers {region.name} {region.number}; 1 to 255 can be read")
        marked = mask.array > 0
        taken = out[marked]
        overlaps = {names[int(number)] for number in np.unique(taken[taken > 0])}
        for other in sorted(overlaps - {region.name}):
            raise MaskError(
                f"{other} and {region.name} of {path} overlap in {np.count_nonzero(taken)} voxels; store "
                "them in separate files"
            )
        if overlaps:
            told.append(
                f"{region.name} is there more than once in {path.name}; {np.count_nonzero(taken)} voxels that "
                "are marked again count once"
            )
        out[marked & (out == 0)] = region.number
        if not overlaps or not taken.all():
            names[region.number] = region.name
    return Labels(Volume(out, onto), names, tuple(told))


def whole_labels(
    array: NDArray[Any], path: Path, named: Collection[int] = ()
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """The values of a mask file as labels from 0 to 255 (uint8), and remarks on what was decided.

    Whole numbers stay, but a mask of 0 and 100, 255 or 65535 alone is one of 0 and 1, unless that value is
    among those that the file names. Fractions from 0 to 1
    are probabilities or a binary mask that was resampled: marked from one half. Raises MaskError for NaN,
    other fractions, other ranges, percent, and grey values (neighbours that nearly all differ).
    """
    low, high = array.min(), array.max()
    # NaN fails the comparison too.
    if not (low >= -_ROUNDING and high <= max(_FULL) + _ROUNDING):
        raise MaskError(
            f"{path} has values from {low} to {high}; labels are whole numbers from 0 to 255"
        )
    if array.dtype.kind == "f" and any(_fraction(plane) > _ROUNDING for plane in array):
        return _halved(array, float(high), path)
    full = round(float(high))
    if full in _FULL and full not in named and not _grades(array, full):
        remark = f"{path.name} marks with {high:g}, which is read as 1"
        return (array > HALF).astype(np.uint8), (remark,)
    if high > np.iinfo(np.uint8).max + _ROUNDING:
        raise MaskError(f"{path} has values up to {high:g}; labels are whole numbers from 0 to 255")
    labels = array if array.dtype == np.uint8 else np.rint(array).astype(np.uint8)
    _require_flat(labels, path)
    if full == _PERCENT and full not in named:
        _require_counted(labels, path)
    return labels, ()


def _fraction(plane: NDArray[Any]) -> float:
    return float(np.abs(plane - np.rint(plane)).max())


def _grades(array: NDArray[Any], full: int) -> bool:
    """Whether there are values between 0 and `full`."""
    return any(bool(((plane > HALF) & (plane < full - HALF)).any()) for plane in array)


def _halved(
    array: NDArray[Any], high: float, path: Path
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    if high > 1 + _ROUNDING:
        raise MaskError(
            f"{path} has fractional values up to {high:g}; labels are whole numbers, a soft mask "
            "goes from 0 to 1 (threshold it first)"
        )
    marked = array >= HALF
    if not marked.any():
        raise MaskError(
            f"{path} has fractional values that nowhere reach {HALF} (highest {high:g}); "
            "threshold it first"
        )
    remark = f"{path.name} is a soft mask; its {np.count_nonzero(marked)} voxels from {HALF} on are marked"
    return marked.astype(np.uint8), (remark,)


def present_labels(labels: NDArray[np.uint8]) -> list[int]:
    """The labels that occur, without 0, in order."""
    seen = np.zeros(256, dtype=bool)
    for plane in labels:
        seen |= np.bincount(plane.ravel(), minlength=256) > 0
    return [label for label in np.flatnonzero(seen).tolist() if label]


def _require_counted(labels: NDArray[np.uint8], path: Path) -> None:
    """MaskError if 100 is the highest of values between which numbers are left out: nobody counts so."""
    values = present_labels(labels)
    if values != list(range(1, _PERCENT + 1)):
        told = ", ".join(map(str, values[:4]))
        raise MaskError(
            f"{path} has the value {_PERCENT} and below it {told}, as probabilities in percent have; "
            "threshold it first"
        )


def _require_flat(labels: NDArray[np.uint8], path: Path) -> None:
    """MaskError if marked voxels side by side mostly differ, as they do in images and probabilities.

    Of masks with many values, and of those whose commonest is a full one, pairs within the commonest do not
    count: in probabilities it is the plateau of what is certain, and the grades lie around it.
    """
    counts = np.zeros(256, dtype=np.int64)
    for plane in labels:
        counts += np.bincount(plane.ravel(), minlength=256)
    counts[0] = 0
    plateau = int(counts.argmax())
    if np.count_nonzero(counts) < _MANY_LEVELS and plateau not in _FULL:
        plateau = 0
    pairs = differing = 0
    for plane in labels:
        if plane.any():
            left, right = plane[:, :-1], plane[:, 1:]
            both = (left > 0) & (right > 0) & ((left != plateau) | (right != plateau))
            pairs += int(np.count_nonzero(both))
            differing += int(np.count_nonzero(both & (left != right)))
    if pairs >= _FEWEST_PAIRS and 2 * differing > pairs:
        raise MaskError(
            f"{path} holds grey values or probabilities, not labels: neighbours differ nearly everywhere; "
            "threshold it first"
        )
