"""Pieces of thrombus: found, parted between the sides, and joined along a vein."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import VeinSegment
from deepvein.inference.prediction import SCALE, Prediction, likely_voxels
from deepvein.veins.naming import Naming, are_continuous
from deepvein.veins.side import LEFT, RIGHT, UNSIDED
from deepvein.volumes.components import connect
from deepvein.volumes.grid import Grid

_IVC = int(VeinSegment.INFERIOR_VENA_CAVA)


@dataclass(frozen=True, eq=False)
class Fragment:
    """One piece: voxels (n, 3), their LPS points (n, 3), sides (n,) and segment values (n,)."""

    indices: NDArray[np.int64]
    points_mm: NDArray[np.float64]
    sides: NDArray[np.int8]
    segments: NDArray[np.uint8]

    @classmethod
    def from_voxels(cls, indices: NDArray[np.int64], grid: Grid, naming: Naming) -> Fragment:
        """The piece of (n, 3) voxels of `grid`."""
        points = grid.to_world(indices)
        segments = naming.segments(points)
        return cls(indices, points, naming.sides(points, segments), segments)

    def part(self, chosen: NDArray[np.bool_]) -> Fragment:
        return Fragment(
            self.indices[chosen],
            self.points_mm[chosen],
            self.sides[chosen],
            self.segments[chosen],
        )

    @property
    def side(self) -> int:
        """RIGHT or LEFT by majority outside the vena cava; UNSIDED within it or where unknown."""
        total = int(self.sides[self.segments != _IVC].sum(dtype=np.int64))
        return (total > 0) * LEFT + (total < 0) * RIGHT


def fragments(
    prediction: Prediction, naming: Naming, low: float, high: float, smallest_ml: float
) -> list[Fragment]:
    """26-connected pieces of what reaches `low` that hold a voxel that reaches `high`, each on one side.

    Pieces below `smallest_ml` are left out (never fewer than one voxel is kept).
    """
    indices = likely_voxels((prediction.thrombus_probability,), low)
    labels = connect(indices, prediction.grid.shape)
    values = prediction.thrombus_probability[tuple(indices.T)]
    count = int(labels.max(initial=-1)) + 1
    peak = np.zeros(count, dtype=np.uint8)
    np.maximum.at(peak, labels, values)
    size = np.bincount(labels, minlength=count) * prediction.grid.voxel_volume_ml
    wanted = (peak >= high * SCALE) & (size >= smallest_ml)
    order = np.argsort(labels, kind="stable")
    order = order[wanted[labels[order]]]
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    pieces = []
    for rows in np.split(order, cuts):
        if len(rows):
            piece = Fragment.from_voxels(indices[rows], prediction.grid, naming)
            pieces.extend(_parted(piece, prediction.grid, smallest_ml))
    return pieces


def _parted(piece: Fragment, grid: Grid, smallest_ml: float) -> list[Fragment]:
    """A piece that crosses the midline through the vena cava becomes one a side, if both are of size.

    The vena cava's voxels go with the larger part. Elsewhere a piece that straddles the midline is an
    uncertainty of the midline and stays whole.
    """
    own = piece.segments != _IVC
    if own.all():
        return [piece]
    right, left = own & (piece.sides == RIGHT), own & (piece.sides == LEFT)
    smaller, larger = sorted((right, left), key=lambda part: int(part.sum()))
    needed = max(smallest_ml, 0.1 * larger.sum() * grid.voxel_volume_ml)
    if smaller.sum() * grid.voxel_volume_ml < max(needed, grid.voxel_volume_ml):
        return [piece]
    return [piece.part(smaller), piece.part(~smaller)]


def bridge(pieces: Sequence[Fragment], gap_mm: float) -> list[Fragment]:
    """Pieces of one thrombus joined: nearest voxel centres at most `gap_mm` apart, and the veins there the
    same or in direct continuation. Nearest pairs first; no join ever puts both sides together."""
    links = _links(pieces, gap_mm)
    groups = list(range(len(pieces)))
    sides = [piece.side for piece in pieces]
    for _, one, other in sorted(links):
        a, b = _root(groups, one), _root(groups, other)
        if a == b or {sides[a], sides[b]} == {LEFT, RIGHT}:
            continue
        groups[b] = a
        sides[a] = sides[a] if sides[a] != UNSIDED else sides[b]
    joined: dict[int, list[Fragment]] = {}
    for number, piece in enumerate(pieces):
        joined.setdefault(_root(groups, number), []).append(piece)
    return [_joined(members) for members in joined.values()]


def _links(pieces: Sequence[Fragment], gap_mm: float) -> list[tuple[float, int, int]]:
    from scipy.spatial import cKDTree

    if len(pieces) < 2:
        return []
    low = np.array([piece.points_mm.min(axis=0) for piece in pieces]) - gap_mm
    high = np.array([piece.points_mm.max(axis=0) for piece in pieces])
    trees: dict[int, cKDTree] = {}
    links = []
    for one in range(len(pieces)):
        near = (low[one] <= high[one + 1 :]).all(axis=1) & (low[one + 1 :] <= high[one]).all(axis=1)
        for other in np.flatnonzero(near) + one + 1:
            large, small = _by_size(pieces, one, int(other))
            if large not in trees:
                trees[large] = cKDTree(pieces[large].points_mm)
            nearest = trees[large].query(pieces[small].points_mm)
            distances, places = np.asarray(nearest[0]), np.asarray(nearest[1])
            best = int(distances.argmin())
            facing = int(pieces[large].segments[places[best]]), int(pieces[small].segments[best])
            if distances[best] <= gap_mm and are_continuous(*facing):
                links.append((float(distances[best]), one, int(other)))
    return links


def _by_size(pieces: Sequence[Fragment], one: int, other: int) -> tuple[int, int]:
    return (one, other) if len(pieces[one].indices) >= len(pieces[other].indices) else (other, one)


def _root(groups: list[int], number: int) -> int:
    while groups[number] != number:
        number = groups[number]
    return number


def _joined(members: list[Fragment]) -> Fragment:
    if len(members) == 1:
        return members[0]
    whole = Fragment(
        np.concatenate([m.indices for m in members]),
        np.concatenate([m.points_mm for m in members]),
        np.concatenate([m.sides for m in members]),
        np.concatenate([m.segments for m in members]),
    )
    order = np.lexsort(whole.indices.T[::-1])
    return Fragment(
        whole.indices[order], whole.points_mm[order], whole.sides[order], whole.segments[order]
    )
