"""What stored values mean: whether slope and intercept of a series' slices can be believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import StudyError
from deepvein.studies.dicom.frame import Frame
from deepvein.studies.dicom.slice_geometry import name

_HOUNSFIELD = ("HU", "HOUNSFIELD")
"""How Rescale Types (PS3.3 C.11.1.1.2) of Hounsfield units begin; HU_MOD, HU* are of modified images."""

_UNSPECIFIED = ("", "US", "UNSPECIFIED")
"""Rescale Types that leave open what the values are; for CT Hounsfield units are then the rule."""

_AIR_HU = -300
"""Every CT of legs shows some air, or padding, darker than that."""

_STEP_HU, _FITS = 60.0, 0.25
"""A slice whose tissue lies so far from its neighbour's, and so much nearer by the neighbour's slope and
intercept, was given wrong ones."""
_DENSER, _COARSE = (0.85, 0.9, 0.95), 2
"""Shares of a slice that are darker than the tissue that is compared, of every second pixel."""

_UNITS = {
    "MGML": "mg/ml",
    "Z_EFF": "effective atomic numbers",
    "ED": "electron densities",
    "EDW": "electron densities",
    "OD": "optical densities",
    "PCT": "percents",
}


def other_unit(frames: Sequence[Frame]) -> str:
    """What CT slices hold if their Rescale Type says that it is not Hounsfield units, else empty."""
    for frame in frames:
        kind = frame.rescale_type
        if not kind.startswith(_HOUNSFIELD) and kind not in _UNSPECIFIED:
            return f"{_UNITS.get(kind, 'other values')} (Rescale Type {kind})"
    return ""


def leaves_unit_open(frames: Sequence[Frame]) -> bool:
    """True if a Rescale Type is given that does not say what the values are."""
    kind = frames[0].rescale_type
    return bool(kind) and kind in _UNSPECIFIED


def require_one_scale(frames: Sequence[Frame], hounsfield: bool) -> None:
    """StudyError, with the file, unless all slices say in one way what their values mean.

    hounsfield: they must become Hounsfield units. A value that cannot be meant is refused; so is a slice
    that says nothing of slope and intercept, or another Rescale Type, where the others do, and so are
    unsigned CT slices without them: air, -1000 HU, cannot be stored in them as it is.
    """
    for frame in frames:
        if frame.fault:
            raise StudyError(f"{name(frame)}: {frame.fault}; export the images again")
    for keyword, told in (
        ("RescaleIntercept", [frame.intercept for frame in frames]),
        ("RescaleSlope", [frame.slope for frame in frames]),
    ):
        lost = [frame for frame, value in zip(frames, told, strict=True) if value is None]
        if not lost or (not hounsfield and _plain(frames)):
            continue
        others = [value for value in told if value is not None]
        if others:
            usual = Counter(others).most_common(1)[0][0]
            raise StudyError(
                f"{name(lost[0])} has no {keyword}, {len(others)} slices beside it say {usual:g}: its values "
                "cannot be compared with theirs; export the images again"
            )
        if hounsfield and not all(frame.layout.signed for frame in frames):
            raise StudyError(
                f"{name(lost[0])} has no {keyword}, and its unsigned values cannot be Hounsfield units; "
                "export the original images"
            )
    _require_one_sign(frames)
    _require_one_type(frames)


def require_hounsfield(frames: Sequence[Frame], array: NDArray[Any]) -> None:
    """StudyError if the values of CT slices (slice, row, column) show that they are no Hounsfield units.

    So it is where the header leaves it open and nothing is as dark as air, and where slices have another
    slope or intercept than their neighbours and fit them only by theirs.
    """
    _require_level(frames, array)
    kind = frames[0].rescale_type
    if leaves_unit_open(frames) and not (array < _AIR_HU).any():
        raise StudyError(
            f"{name(frames[0])} has Rescale Type {kind} and no value as dark as air ({array.min()} to "
            f"{array.max()}): its values are not Hounsfield units; export the original images"
        )


def _require_level(frames: Sequence[Frame], array: NDArray[Any]) -> None:
    """A wrong slope or intercept changes a slice as a whole, which shows beside its neighbours; of two scales
    the one that fewer slices have is named first."""
    scales = [(frame.slope or 1.0, frame.intercept or 0.0) for frame in frames]
    counts = Counter(scales)
    for place in range(1, len(frames)):
        beside = array[place - 1 : place + 1]
        if scales[place] == scales[place - 1] or any(one.min() == one.max() for one in beside):
            continue
        odd, usual = sorted((place, place - 1), key=lambda one: counts[scales[one]])
        levels = _levels(array[odd]), _levels(array[usual])
        (slope, intercept), (other_slope, other_intercept) = scales[odd], scales[usual]
        away = np.abs(levels[0] - levels[1]).min()
        by_theirs = (levels[0] - intercept) / slope * other_slope + other_intercept
        if away > _STEP_HU and np.abs(by_theirs - levels[1]).max() < _FITS * away:
            raise StudyError(
                f"{name(frames[odd])} has RescaleSlope {slope:g} and RescaleIntercept {intercept:g}, "
                f"{name(frames[usual])} beside it {other_slope:g} and {other_intercept:g}, and its values fit "
                f"only by the latter ({counts[scales[odd]]} slices are stored by the former, "
                f"{counts[scales[usual]]} by the latter); export the images again"
            )


def _levels(plane: NDArray[Any]) -> NDArray[np.float64]:
    """The values of muscle and what is denser in a slice, above those that readers cut."""
    levels: NDArray[np.float64] = np.quantile(plane[::_COARSE, ::_COARSE], _DENSER)
    return levels


def _plain(frames: Sequence[Frame]) -> bool:
    """True if slope and intercept, where given, change nothing: then a slice without them fits in."""
    return all(frame.slope in (None, 1.0) and frame.intercept in (None, 0.0) for frame in frames)


def _require_one_sign(frames: Sequence[Frame]) -> None:
    """A slice that is stored as the others but for its sign: one of the two is wrong."""
    signs: dict[tuple[object, ...], dict[bool, list[Frame]]] = {}
    for frame in frames:
        stored = (frame.layout.stored, frame.slope, frame.intercept)
        signs.setdefault(stored, {}).setdefault(frame.layout.signed, []).append(frame)
    for both in signs.values():
        if len(both) > 1:
            odd, usual = sorted(both.values(), key=len)
            kinds = ["signed" if some[0].layout.signed else "unsigned" for some in (odd, usual)]
            raise StudyError(
                f"{name(odd[0])} has {kinds[0]} values, {len(usual)} slices beside it {kinds[1]} ones of "
                "the same scale; export the images again"
            )


def _require_one_type(frames: Sequence[Frame]) -> None:
    kinds = Counter(frame.rescale_type for frame in frames if frame.rescale_type)
    if len(kinds) < 2:
        return
    rare = min(kinds, key=lambda kind: kinds[kind])
    odd = next(frame for frame in frames if frame.rescale_type == rare)
    usual = max(kinds, key=lambda kind: kinds[kind])
    raise StudyError(
        f"{name(odd)} has Rescale Type {rare}, the other slices {usual}; export one kind of image"
    )
