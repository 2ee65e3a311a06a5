"""The courses of the veins: ordered along the blood's way, named, and joined where one drains into another."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.veins.centreline import Float, Fronts, Int, branches, fronts
from deepvein.veins.gaps import bridged
from deepvein.veins.naming import names_along
from deepvein.veins.side import majority
from deepvein.veins.voxels import VeinVoxels
from deepvein.volumes.grid import Grid

STEP_MM = 2.0
"""Distance between the points of a course; at most a quarter more or less, so that all are even."""

SHORTEST_MM = 15.0
"""Shorter branches are bulges of the wall or specks, no veins."""

MOST_VOXELS = 1_000_000
"""Of more voxels every second is enough: with voxels of 0.5 mm all deep veins have three times as many."""

SMOOTH_MM = 4.0
"""Standard deviation of the smoothing along a course: steps of a voxel are no bends of the vein."""


_CAVA = VeinSegment.INFERIOR_VENA_CAVA


@dataclass(frozen=True, eq=False)
class Course:
    """One vein segment of one side, from its distal to its proximal end.

    points_mm: (n, 3) LPS, n at least 2, about STEP_MM apart. radius_mm: (n,) that of a circle of the
    vein's section, thrombus included. blood: (n,) mean signal of its open part, in Hounsfield units for
    CT, NaN where nothing of it is open. seen: (n,) False where a gap in the prediction was bridged.
    drains_into: number of the course that takes up its blood, None at the upper end of what is shown;
    joins_at: the point of that course at which they meet, 0 if it is its continuation.
    side: MIDLINE for the vena cava, UNKNOWN where nothing tells.
    """

    segment: VeinSegment
    side: Side
    points_mm: Float
    radius_mm: Float
    blood: Float
    seen: NDArray[np.bool_]
    drains_into: int | None = None
    joins_at: int = 0

    @property
    def length_mm(self) -> float:
        return float(np.linalg.norm(np.diff(self.points_mm, axis=0), axis=1).sum())


class _Stretch(NamedTuple):
    """A named part of a branch, from below upwards, and the front that follows (None at an upper end)."""

    segment: VeinSegment
    fronts: Int
    beyond: int | None


def trace(voxels: VeinVoxels, grid: Grid) -> tuple[Course, ...]:
    """The courses of all veins that `voxels` of `grid` show, those of the longest branches first.

    A course may lack its continuation: the study ends, or the gap is too long to bridge (see `gaps`).
    Paired calf veins give two courses of the same segment and side; what no territory names gives none.
    () for no voxels.
    """
    voxels, grid = _bounded(voxels, grid)
    tree = fronts(voxels.indices, grid)
    names, sides = _names(tree, voxels.segments), _sides(tree, voxels.sides)
    blood = _blood(tree, np.where(voxels.is_open, voxels.signal, np.nan))
    stretches = _stretches(tree, names, bridged(tree, names, sides))
    owner = {front: n for n, one in enumerate(stretches) for front in one.fronts.tolist()}
    courses = [
        _course(tree, one, sides, blood, None if one.beyond is None else owner.get(one.beyond))
        for one in stretches
    ]
    return tuple(_joined(course, courses) for course in courses)


def _bounded(voxels: VeinVoxels, grid: Grid) -> tuple[VeinVoxels, Grid]:
    """Every second voxel along each axis, or fewer, if there are more than MOST_VOXELS."""
    stride = 1
    while np.count_nonzero((voxels.indices % stride == 0).all(axis=1)) > MOST_VOXELS:
        stride *= 2
    if stride == 1:
        return voxels, grid
    kept = voxels.part((voxels.indices % stride == 0).all(axis=1))
    slices, rows, columns = (-(-n // stride) for n in grid.shape)
    affine = grid.affine * [stride, stride, stride, 1]
    return replace(kept, indices=kept.indices // stride), Grid((slices, rows, columns), affine)


def _names(tree: Fronts, segments: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(m,) the segment that most voxels of each front bear, 0 where none bears one."""
    most = max(VeinSegment) + 1
    flat = np.bincount(tree.of_voxel * most + segments, minlength=len(tree.parent) * most)
    counts = flat.reshape(-1, most)
    counts[:, 0] = 0
    return np.asarray(counts.argmax(axis=1), dtype=np.uint8)


def _sides(tree: Fronts, sides: NDArray[np.int8]) -> NDArray[np.int8]:
    return np.sign(np.bincount(tree.of_voxel, sides, len(tree.parent))).astype(np.int8)


def _blood(tree: Fronts, signal: Float) -> Float:
    """(m,) mean signal of each front's open blood, NaN where there is none."""
    shown, count = np.isfinite(signal), len(tree.parent)
    voxels = np.bincount(tree.of_voxel[shown], minlength=count)
    total = np.bincount(tree.of_voxel[shown], signal[shown], count)
    return np.where(voxels > 0, total / np.maximum(voxels, 1), np.nan)


def _stretches(tree: Fronts, names: NDArray[np.uint8], parent: Int) -> list[_Stretch]:
    found, taken = [], np.zeros(len(parent), dtype=bool)
    for branch in branches(tree.points_mm, parent, SHORTEST_MM, 2 * tree.thickness_mm):
        own = branch[:-1] if taken[branch[-1]] else branch
        taken[own] = True
        along = names_along(names[own], _lengths(tree.points_mm[own]))
        edges = [0, *(np.flatnonzero(np.diff(along)) + 1).tolist(), len(own)]
        for start, stop in itertools.pairwise(edges if along.any() else []):
            beyond = int(branch[stop]) if stop < len(branch) else None
            found.append(_Stretch(VeinSegment(int(along[start])), own[start:stop], beyond))
    return found


def _course(
    tree: Fronts, one: _Stretch, sides: NDArray[np.int8], blood: Float, into: int | None
) -> Course:
    line = one.fronts if one.beyond is None else np.append(one.fronts, one.beyond)
    knots = tree.points_mm[line]
    arc = _arc(knots)
    at = np.linspace(0.0, arc[-1], max(2, round(arc[-1] / STEP_MM) + 1))
    nearest = np.abs(at[:, None] - arc[None]).argmin(axis=1)
    # A confluence is wider than the vein that enters it.
    own = np.minimum(nearest, len(one.fronts) - 1)
    points = np.stack([np.interp(at, arc, x) for x in knots.T], axis=1)
    section = np.interp(at, arc[: len(one.fronts)], tree.section_mm2[one.fronts])
    return Course(
        segment=one.segment,
        side=Side.MIDLINE if one.segment == _CAVA else majority(sides[one.fronts]),
        points_mm=_smooth(points),
        radius_mm=np.sqrt(_smooth(section[:, None])[:, 0].clip(0) / np.pi),
        blood=blood[one.fronts[own]],
        seen=np.abs(at - arc[nearest]) <= tree.thickness_mm,
        drains_into=into,
    )


def _joined(course: Course, courses: list[Course]) -> Course:
    if course.drains_into is None:
        return course
    way = courses[course.drains_into].points_mm - course.points_mm[-1]
    return replace(course, joins_at=int((way**2).sum(axis=1).argmin()))


def _arc(points_mm: Float) -> Float:
    """(n,) length along (n, 3) points, 0 at the first."""
    steps = np.linalg.norm(np.diff(points_mm, axis=0), axis=1)
    return np.append(0.0, np.cumsum(steps))


def _lengths(points_mm: Float) -> Float:
    """(n,) how much of the way along (n, 3) points is nearest to each."""
    steps = np.linalg.norm(np.diff(points_mm, axis=0), axis=1)
    return np.asarray((np.append(steps, 0.0) + np.append(0.0, steps)) / 2)


def _smooth(values: Float) -> Float:
    """(n, k) values smoothed along the first axis; the ends stay where they are."""
    from scipy.ndimage import gaussian_filter1d

    sigma = SMOOTH_MM / STEP_MM
    rim = int(4 * sigma)
    padded = np.pad(values, ((rim, rim), (0, 0)), mode="reflect", reflect_type="odd")
    smooth: Float = gaussian_filter1d(padded, sigma, axis=0)[rim:-rim]
    return smooth
