"""Where the slices of a series lie along their normal, and how their numbers run along it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import GeometryError
from deepvein.studies.dicom.frame import Frame
from deepvein.studies.dicom.slice_geometry import stack
from deepvein.studies.dicom.sop_classes import MR_CLASSES

SAME_MM = 0.01
"""Two frames nearer than this lie at one place."""

_PACKAGE_SHARE = 0.2
"""Share of the thickness by which the distance between slices of one scan may differ from it."""


def lie_between(groups: Sequence[Sequence[Frame]]) -> bool:
    """True if the slices of two groups overlap along their normal; single slices do not count."""
    every = [frame for group in groups for frame in group]
    if any(frame.position is None or frame.orientation is None for frame in every):
        return False
    normal = axes(every[0])[0]
    spans = []
    for group in groups:
        along = positions(group) @ normal
        if np.ptp(along) > SAME_MM:
            spans.append((along.min(), along.max()))
    return any(min(a[1], b[1]) - max(a[0], b[0]) > 0 for a, b in combinations(spans, 2))


def crowded(frames: Sequence[Frame]) -> bool:
    """True if two frames lie at the same place."""
    places = {tuple(round(x / SAME_MM) for x in frame.position or ()) for frame in frames}
    return len(places) < len(frames)


def are_numbered_along(frames: Sequence[Frame]) -> bool:
    """True where image numbers, each there once, run along the row: two scans would each begin anew."""
    if None in {frame.instance.number for frame in frames}:
        return False
    ordered = sorted(frames, key=lambda frame: frame.instance.number or 0)
    numbers = [frame.instance.number for frame in ordered]
    try:
        row = stack(frames).frames
    except GeometryError:
        return False
    return len(set(numbers)) == len(numbers) and list(row) in (ordered, ordered[::-1])


def is_counted_row(frames: Sequence[Frame]) -> bool:
    """True for slices in one even row whose image numbers go by one from each to the next."""
    numbers = sorted(number for one in frames if (number := one.instance.number) is not None)
    if not numbers or numbers != list(range(numbers[0], numbers[0] + len(frames))):
        return False
    try:
        row = stack(frames)
    except GeometryError:
        return False
    ordered = [frame.instance.number or 0 for frame in row.frames]
    return ordered in (numbers, numbers[::-1])


def is_row(frames: Sequence[Frame]) -> bool:
    """True for slices that lie in one even row without a hole."""
    try:
        stack(frames)
    except GeometryError:
        return False
    return True


def is_one_scan(frames: Sequence[Frame]) -> bool:
    """True for slices that lie as far apart as they are thick, and whose image numbers run along their row;
    those of two scans that lie between one another lie closer, and are numbered one scan after the other."""
    thickness, numbers = frames[0].thickness, [frame.instance.number for frame in frames]
    if not thickness or None in numbers or len(set(numbers)) < len(frames):
        return False
    try:
        row = stack(frames)
    except GeometryError:
        return False
    ordered = np.diff([frame.instance.number or 0 for frame in row.frames])
    if abs(row.grid.spacing_mm[0] - thickness) > _PACKAGE_SHARE * thickness:
        return False
    return bool((ordered > 0).all() or (ordered < 0).all())


def are_packages(frames: Sequence[Frame]) -> bool:
    """True if an MR scan took the slices of one even row in turns, as 2D sequences do."""
    thickness = frames[0].thickness
    if not thickness or frames[0].instance.sop_class not in MR_CLASSES:
        return False
    try:
        step = stack(frames).grid.spacing_mm[0]
    except GeometryError:
        return False
    return abs(step - thickness) <= _PACKAGE_SHARE * thickness


def axes(frame: Frame) -> NDArray[np.float64]:
    """Rows: the slices' normal, the direction along a row and along a column."""
    across, down = np.reshape(np.array(frame.orientation, dtype=np.float64), (2, 3))
    return np.array([np.cross(across, down), across, down])


def positions(frames: Iterable[Frame]) -> NDArray[np.float64]:
    """Where each frame's first pixel lies, in mm: (n, 3)."""
    return np.array([frame.position for frame in frames], dtype=np.float64)
