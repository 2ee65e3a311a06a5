"""Which side of the patient a voxel lies on, from the body's own midline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side
from deepvein.studies.study import Modality, Study
from deepvein.volumes.resample import shrink

Float = NDArray[np.float64]

RIGHT, UNSIDED, LEFT = -1, 0, 1
"""Numbers for arrays of sides; LPS x grows to the patient's left."""

SPACING_MM = 8.0
"""Voxels of the coarse copy that the silhouette is read from."""

AIR_HU = -300.0
"""CT values above are body; fat reaches down to about -200 HU."""

SMALLEST_RATIO = 0.3
"""The smaller of two legs has at least this share of the larger one's section."""

ROUND_ASPECT, WIDEST_LEG_MM = 1.4, 300.0
"""A lone section whose width over depth and width lie below is one leg."""

PELVIC_SOLIDITY = 0.6
"""A lone section as wide as a pelvis fills this share of its box; an ellipse 0.79, a leg on a table 0.4."""

TWO_SIDED_SHARE = 0.15
"""With fewer levels than this that show both sides, one leg was examined."""

SMOOTHING_MM = 120.0
"""Length along the body over which the midline is a running median."""


@dataclass(frozen=True, eq=False)
class Midline:
    """LPS x of the body's midline at ascending LPS z, or one side for everything.

    positions_mm, x_mm: (n,) each; empty if `only` is set.
    only: the side of the single leg that was examined (UNKNOWN if nothing tells which), else None.
    leg_x_mm: LPS x of the middle of that leg, None if there are two or nothing is seen.
    """

    positions_mm: Float
    x_mm: Float
    only: Side | None = None
    leg_x_mm: float | None = None

    def sides(self, points_mm: Float) -> NDArray[np.int8]:
        """(n,) of RIGHT, UNSIDED or LEFT for (n, 3) LPS points; beyond its ends the midline goes on
        straight down."""
        if self.only is not None:
            constant = {Side.RIGHT: RIGHT, Side.LEFT: LEFT}.get(self.only, UNSIDED)
            return np.full(len(points_mm), constant, dtype=np.int8)
        middle = np.interp(points_mm[:, 2], self.positions_mm, self.x_mm)
        return np.where(points_mm[:, 0] > middle, LEFT, RIGHT).astype(np.int8)


class _Middle(NamedTuple):
    """LPS x of the midline of one level; is_plain: both sides are seen beyond doubt."""

    x_mm: float
    is_plain: bool


def midline(study: Study) -> Midline:
    """The midline of a study. The image decides: headers name the leg that hurts, too.

    One axial level at a time: halfway between two separate legs, else the mirror axis of the silhouette.
    Levels that show a single leg are bridged. If nearly all do, the side is that of `study.laterality`,
    UNKNOWN without it; where the headers name one leg, only levels that show both beyond doubt count
    against them.
    """
    coarse = shrink(study.volume, SPACING_MM)
    body = coarse.array > _threshold(coarse.array, study.modality)
    x_mm = coarse.grid.to_world([(0, 0, i) for i in range(body.shape[2])])[:, 0]
    levels = [_middle_of(section, x_mm) for section in body]
    shown = body.any(axis=(1, 2)).sum()
    found = [
        (z, one) for z, one in zip(coarse.grid.body_positions_mm(), levels, strict=True) if one
    ]
    against = [one for _, one in found if study.laterality is None or one.is_plain]
    if not shown or len(against) < max(1.0, TWO_SIDED_SHARE * shown):
        leg_x_mm = float(x_mm[np.nonzero(body)[2]].mean()) if shown else None
        return Midline(np.zeros(0), np.zeros(0), study.laterality or Side.UNKNOWN, leg_x_mm)
    positions = np.array([z for z, _ in found])
    middles = np.array([one.x_mm for _, one in found])
    return Midline(positions, _running_median(positions, middles, SMOOTHING_MM))


def majority(sides: NDArray[np.int8]) -> Side:
    """The side of most voxels; UNKNOWN for none or where no side is known."""
    total = int(sides.sum(dtype=np.int64))
    if not len(sides) or not sides.any():
        return Side.UNKNOWN
    return Side.LEFT if total > 0 else Side.RIGHT


def _threshold(coarse: NDArray[np.float32], modality: Modality) -> float:
    if modality is Modality.CT:
        return AIR_HU
    return otsu(np.clip(coarse, None, np.percentile(coarse, 90)))


def otsu(values: NDArray[np.float32], bins: int = 128) -> float:
    """The threshold that separates values into two classes of greatest between-class variance.

    Otsu 1979, IEEE Trans Syst Man Cybern 9:62. A constant array gives its value.
    """
    counts, edges = np.histogram(values, bins=bins)
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    total = np.cumsum(counts * centres)
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = total / below - (total[-1] - total) / above
        between = np.where((below > 0) & (above > 0), below * above * difference**2, -1.0)
    if between.max() <= 0:
        return float(values.max())
    # An empty stretch of the histogram gives a plateau: its middle is the fairest threshold.
    best = np.flatnonzero(between >= between.max() * (1 - 1e-12))
    return float((edges[best[0] + 1] + edges[best[-1] + 1]) / 2)


def _middle_of(section: NDArray[np.bool_], x_mm: Float) -> _Middle | None:
    """The midline of one (row, column) silhouette; None for nothing or a single leg."""
    from scipy import ndimage

    labels, count = ndimage.label(section)
    if not count:
        return None
    areas = np.bincount(labels.ravel())[1:]
    order = np.argsort(-areas, kind="stable") + 1
    first = np.flatnonzero((labels == order[0]).any(axis=0))
    if count > 1 and areas[order[1] - 1] >= SMALLEST_RATIO * areas[order[0] - 1]:
        second = np.flatnonzero((labels == order[1]).any(axis=0))
        right, left = (first, second) if first.mean() < second.mean() else (second, first)
        if right[-1] < left[0]:
            return _Middle(float((x_mm[right[-1]] + x_mm[left[0]]) / 2), True)
    return _mirror_axis(labels == order[0], x_mm)


def _mirror_axis(part: NDArray[np.bool_], x_mm: Float) -> _Middle | None:
    """The axis that halves a trunk, or two legs that touch; None for the round section of one leg, and
    for what one edge of the picture cuts off."""
    columns, rows = np.flatnonzero(part.any(axis=0)), np.flatnonzero(part.any(axis=1))
    across, down = columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1
    width, depth = float(across) * SPACING_MM, float(down) * SPACING_MM
    is_wide = width >= WIDEST_LEG_MM
    if not is_wide and width < ROUND_ASPECT * depth:
        return None
    thickness = part.sum(axis=0).astype(np.float64)
    cut = [edge.max() >= thickness.max() / 2 for edge in (thickness[:2], thickness[-2:])]
    if cut[0] != cut[1]:
        return None
    mirrored = np.convolve(thickness, thickness)
    best = np.flatnonzero(mirrored >= mirrored.max() * (1 - 1e-9)).mean()
    x = float(x_mm[0] + best / 2 * (x_mm[-1] - x_mm[0]) / max(1, len(x_mm) - 1))
    return _Middle(x, is_wide and bool(part.sum() >= PELVIC_SOLIDITY * across * down))


def _running_median(positions: Float, values: Float, length_mm: float) -> Float:
    near = np.abs(positions[:, None] - positions[None, :]) <= length_mm / 2
    return np.array([np.median(values[row]) for row in near])
