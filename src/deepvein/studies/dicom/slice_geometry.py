"""From slices in any order to one regular grid, or a GeometryError that names the slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import GeometryError
from deepvein.studies.dicom.frame import Frame
from deepvein.volumes.grid import Grid

Float = NDArray[np.float64]


_STEP_MM, _STEP_SHARE = 0.06, 0.05
"""A slice may lie off the even row by the larger of both: positions in headers are often rounded to 0.1 mm."""
_MISSING_SHARE = 1.6
"""A distance of so many steps or more means that slices are missing."""
_TILT_DEGREES, _DRIFT_MM = 0.1, 0.3
"""Between the slices' normal and the line through their positions; a shorter way aside is no tilt."""
_WHOLE_MM, _ROUNDED_MM, _FEWEST_UNEVEN = 1e-3, 0.75, 4
"""Positions in whole millimetres; how far rounding moves a slice off an even row, at most, and how many steps
of each size there are at least."""
_FEWEST_BETWEEN_PARTS = 10
"""So many slices are seldom lost at once: two parts of the body may have been scanned."""
_TURN = 2e-3
"""Largest difference of a direction cosine within one stack."""


@dataclass(frozen=True, eq=False)
class Stack:
    """Frames ordered along the normal of their plane (row cosines x column cosines), and their grid."""

    frames: tuple[Frame, ...]
    grid: Grid


def stack(frames: Sequence[Frame], frame_of_reference: str | None = None) -> Stack:
    """Order `frames` and find their grid.

    Raises GeometryError where position, orientation or spacing is missing or not the same in all
    slices, slices are missing or doubled, spacing is not uniform, or the stack is tilted.
    """
    for frame in frames:
        _require_geometry(frame)
    cosines = np.array([frame.orientation for frame in frames], dtype=np.float64)
    spacings = np.array([frame.spacing for frame in frames], dtype=np.float64)
    positions = np.array([frame.position for frame in frames], dtype=np.float64)
    across, down = _directions(cosines, frames)
    _require_same_size(spacings, frames)
    normal = np.cross(across, down)
    order = np.argsort(positions @ normal, kind="stable")
    ordered = tuple(frames[index] for index in order)
    positions = positions[order]
    step = _step(positions, normal, ordered)
    affine = np.eye(4)
    affine[:3, 0] = normal * step
    affine[:3, 1] = down * spacings[0, 0]
    affine[:3, 2] = across * spacings[0, 1]
    affine[:3, 3] = positions[0]
    layout = frames[0].layout
    shape = (len(frames), layout.rows, layout.columns)
    return Stack(ordered, Grid(shape, affine, frame_of_reference or None))


def name(frame: Frame) -> str:
    """How a message calls a slice."""
    return (
        f"{frame.path.name} frame {frame.index + 1}" if frame.layout.frames > 1 else frame.path.name
    )


def _require_geometry(frame: Frame) -> None:
    for value, keyword in (
        (frame.position, "ImagePositionPatient"),
        (frame.orientation, "ImageOrientationPatient"),
        (frame.spacing, "PixelSpacing"),
    ):
        if value is None:
            raise GeometryError(
                f"{name(frame)} has no usable {keyword}: where the slice lies is not known; export the "
                "original images with their geometry"
            )
    if frame.spacing is not None and min(frame.spacing) <= 0:
        raise GeometryError(
            f"{name(frame)} has PixelSpacing {frame.spacing}; it must be above 0 mm"
        )


def _directions(cosines: Float, frames: Sequence[Frame]) -> tuple[Float, Float]:
    turned = np.abs(cosines - cosines[0]).max(axis=1)
    if turned.max() > _TURN:
        raise GeometryError(
            f"the slices do not share one orientation: {name(frames[int(turned.argmax())])} is turned "
            f"against {name(frames[0])}; export each orientation as its own series"
        )
    across, down = cosines[0, :3], cosines[0, 3:]
    lengths = np.linalg.norm(across), np.linalg.norm(down)
    if abs(lengths[0] - 1) > 0.01 or abs(lengths[1] - 1) > 0.01 or abs(across @ down) > _TURN:
        raise GeometryError(
            f"{name(frames[0])} has ImageOrientationPatient {cosines[0].tolist()}, which are not two "
            "perpendicular unit vectors"
        )
    across = across / lengths[0]
    down = down - (down @ across) * across
    return across, down / np.linalg.norm(down)


def _require_same_size(spacings: Float, frames: Sequence[Frame]) -> None:
    away = np.abs(spacings - spacings[0]).max(axis=1)
    worst = int(away.argmax())
    if away[worst] > 1e-3 * spacings[0].min():
        raise GeometryError(
            f"{name(frames[worst])} has pixels of {spacings[worst].tolist()} mm, "
            f"{name(frames[0])} of {spacings[0].tolist()} mm; one series must have one pixel size"
        )
    sizes = {(frame.layout.rows, frame.layout.columns) for frame in frames}
    if len(sizes) > 1:
        raise GeometryError(f"the slices of one series have different sizes: {sorted(sizes)}")


def _step(positions: Float, normal: Float, frames: Sequence[Frame]) -> float:
    """Distance between slices along the normal, after all checks."""
    if len(frames) == 1:
        thickness = frames[0].thickness
        if not thickness or thickness <= 0:
            raise GeometryError(f"{name(frames[0])} is one slice of unknown thickness")
        return thickness
    along = positions @ normal
    gaps = np.diff(along)
    median = float(np.median(gaps))
    # Where every slice is there twice, a hair apart, half of the gaps are that hair.
    usual = float(np.percentile(gaps, 75))
    double = np.flatnonzero(gaps < max(0.01, 0.1 * usual))
    if len(double):
        first, second = frames[double[0]], frames[double[0] + 1]
        raise GeometryError(_doubled(len(double), first, second))
    _require_straight(positions, normal, frames)
    allowed = max(_STEP_MM, _STEP_SHARE * median)
    worst = int(np.abs(gaps - median).argmax())
    between = f"between {name(frames[worst])} and {name(frames[worst + 1])}"
    number = np.arange(len(frames))
    away = np.abs(along - np.polyval(np.polyfit(number, along, 1), number)).max()
    if away > allowed and _are_rounded(along, float(away), gaps):
        raise GeometryError(
            f"the positions of the slices were rounded to whole millimetres, {gaps.min():.0f} or "
            f"{gaps.max():.0f} mm apart: how far apart they lie is not known; export the original headers"
        )
    if gaps[worst] >= _MISSING_SHARE * median:
        lost = max(1, round(gaps[worst] / median) - 1)
        parts = (
            ", or each part of the body as its own series" if lost >= _FEWEST_BETWEEN_PARTS else ""
        )
        raise GeometryError(
            f"{lost} slice(s) are missing {between}: {gaps[worst]:.2f} mm apart, {median:.2f} mm "
            f"elsewhere; export the whole series{parts}"
        )
    if away > allowed:
        raise GeometryError(
            f"the distance between slices is not uniform: {gaps[worst]:.2f} mm {between}, {median:.2f} mm "
            "elsewhere; export one reconstruction with one spacing"
        )
    return float((along[-1] - along[0]) / (len(frames) - 1))


def _are_rounded(along: Float, away: float, gaps: Float) -> bool:
    """True for an even row that was rounded to whole millimetres: its steps are of two sizes all along, and no
    slice lies farther off than rounding moves it."""
    whole = np.abs(along - along.round()).max() < _WHOLE_MM and np.ptp(gaps.round()) == 1
    larger = int(np.count_nonzero(gaps > gaps.mean()))
    few = min(larger, len(gaps) - larger)
    return bool(whole) and away < _ROUNDED_MM and few >= _FEWEST_UNEVEN


def _doubled(count: int, first: Frame, second: Frame) -> str:
    one, two = name(first), name(second)
    if one == two:
        one, two = (f"{frame.path.parent.name}/{name(frame)}" for frame in (first, second))
    uid = first.instance.sop_instance
    if uid and uid == second.instance.sop_instance and first.path != second.path:
        return f"there are two versions of one image, {one} and {two}, with one SOP Instance UID: keep one"
    return (
        f"{count} slice(s) lie at a place that is taken, first {one} and {two}, and nothing in their headers "
        "tells them apart: export one image for each place"
    )


def _require_straight(positions: Float, normal: Float, frames: Sequence[Frame]) -> None:
    way = positions[-1] - positions[0]
    aside = way - (way @ normal) * normal
    tilt = float(np.degrees(np.arctan2(np.linalg.norm(aside), abs(way @ normal))))
    if tilt > _TILT_DEGREES and np.linalg.norm(aside) > _DRIFT_MM:
        raise GeometryError(
            f"the slices are shifted against each other by {tilt:.1f} degrees (gantry tilt): the stack is "
            "sheared; reconstruct it without tilt"
        )
    line = positions[0] + np.outer((positions - positions[0]) @ normal, normal)
    share = np.linspace(0, 1, len(frames))[:, None] * aside
    away = np.linalg.norm(positions - line - share, axis=1)
    if away.max() > _DRIFT_MM:
        raise GeometryError(
            f"{name(frames[int(away.argmax())])} is shifted sideways by {away.max():.1f} mm against its "
            "neighbours; one series must be one straight stack"
        )
