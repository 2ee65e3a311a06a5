"""Which side of the patient a voxel lies on, from the body's own midline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side
from deepvein.studies.study import Modality, Study
from deepvein.volumes.resample import shrink

Float = NDArray[np.float64]

RIGHT, UNSIDED, LEFT = -1, 0, 1
"""Numbers for arrays of sides; LPS x grows to the patient's left."""


@dataclass(frozen=True)
class SideSettings:
    """How the midline is found.

    spacing_mm: voxels of the coarse copy that the silhouette is read from.
    air_hu: CT values above are body (fat reaches down to about -200 HU).
    smallest_ratio: the smaller of two legs has at least this share of the larger one's section.
    round_aspect, widest_leg_mm: a lone section whose width over depth and width lie below is one leg.
    two_sided_share: with fewer levels than this that show both sides, one leg was examined.
    smoothing_mm: length along the body over which the midline is a running median.
    """

    spacing_mm: float = 8.0
    air_hu: float = -300.0
    smallest_ratio: float = 0.3
    round_aspect: float = 1.4
    widest_leg_mm: float = 300.0
    two_sided_share: float = 0.15
    smoothing_mm: float = 120.0


@dataclass(frozen=True, eq=False)
class Midline:
    """LPS x of the body's midline at ascending LPS z, or one side for everything.

    positions_mm, x_mm: (n,) each; empty if `only` is set.
    only: the side of the single leg that was examined (UNKNOWN if nothing tells which), else None.
    """

    positions_mm: Float
    x_mm: Float
    only: Side | None = None

    def sides(self, points_mm: Float) -> NDArray[np.int8]:
        """(n,) of RIGHT, UNSIDED or LEFT for (n, 3) LPS points; beyond its ends the midline goes on
        straight down."""
        if self.only is not None:
            constant = {Side.RIGHT: RIGHT, Side.LEFT: LEFT}.get(self.only, UNSIDED)
            return np.full(len(points_mm), constant, dtype=np.int8)
        middle = np.interp(points_mm[:, 2], self.positions_mm, self.x_mm)
        return np.where(points_mm[:, 0] > middle, LEFT, RIGHT).astype(np.int8)


def midline(study: Study, settings: SideSettings | None = None) -> Midline:
    """The midline of a study; `study.laterality` wins where the headers name one leg.

    One axial level at a time: halfway between two separate legs, else the mirror axis of the silhouette.
    Levels that show a single leg are bridged; if nearly all do, the side is UNKNOWN.
    """
    if study.laterality is not None:
        return _only(study.laterality)
    settings = settings or SideSettings()
    coarse = shrink(study.volume, settings.spacing_mm)
    body = coarse.array > _threshold(coarse.array, study.modality, settings)
    x_mm = coarse.grid.to_world([(0, 0, i) for i in range(body.shape[2])])[:, 0]
    levels = [_middle_of(section, x_mm, settings) for section in body]
    middles = np.array([np.nan if m is None else m for m in levels])
    shown = body.any(axis=(1, 2)).sum()
    two_sided = np.isfinite(middles)
    if not shown or two_sided.sum() < max(1.0, settings.two_sided_share * shown):
        return _only(Side.UNKNOWN)
    positions = coarse.grid.body_positions_mm()[two_sided]
    return Midline(positions, _running_median(positions, middles[two_sided], settings.smoothing_mm))


def majority(sides: NDArray[np.int8]) -> Side:
    """The side of most voxels; UNKNOWN for none or where no side is known."""
    total = int(sides.sum(dtype=np.int64))
    if not len(sides) or not sides.any():
        return Side.UNKNOWN
    return Side.LEFT if total > 0 else Side.RIGHT


def _only(side: Side) -> Midline:
    return Midline(np.zeros(0), np.zeros(0), side)


def _threshold(coarse: NDArray[np.float32], modality: Modality, settings: SideSettings) -> float:
    if modality is Modality.CT:
        return settings.air_hu
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


def _middle_of(section: NDArray[np.bool_], x_mm: Float, settings: SideSettings) -> float | None:
    """LPS x of the midline of one (row, column) silhouette; None for nothing or a single leg."""
    from scipy import ndimage

    labels, count = ndimage.label(section)
    if not count:
        return None
    areas = np.bincount(labels.ravel())[1:]
    order = np.argsort(-areas, kind="stable") + 1
    first = np.flatnonzero((labels == order[0]).any(axis=0))
    if count > 1 and areas[order[1] - 1] >= settings.smallest_ratio * areas[order[0] - 1]:
        second = np.flatnonzero((labels == order[1]).any(axis=0))
        right, left = (first, second) if first.mean() < second.mean() else (second, first)
        if right[-1] < left[0]:
            return float((x_mm[right[-1]] + x_mm[left[0]]) / 2)
    width, depth = _extents(labels == order[0], settings.spacing_mm)
    if width < settings.widest_leg_mm and width < settings.round_aspect * depth:
        return None
    thickness = (labels == order[0]).sum(axis=0).astype(np.float64)
    mirrored = np.convolve(thickness, thickness)
    best = np.flatnonzero(mirrored >= mirrored.max() * (1 - 1e-9)).mean()
    return float(x_mm[0] + best / 2 * (x_mm[-1] - x_mm[0]) / max(1, len(x_mm) - 1))


def _extents(part: NDArray[np.bool_], spacing_mm: float) -> tuple[float, float]:
    columns, rows = np.flatnonzero(part.any(axis=0)), np.flatnonzero(part.any(axis=1))
    return (
        float(columns[-1] - columns[0] + 1) * spacing_mm,
        float(rows[-1] - rows[0] + 1) * spacing_mm,
    )


def _running_median(positions: Float, values: Float, length_mm: float) -> Float:
    near = np.abs(positions[:, None] - positions[None, :]) <= length_mm / 2
    return np.array([np.median(values[row]) for row in near])
