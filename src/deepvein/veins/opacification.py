"""How bright the open veins are, and the tissue beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side
from deepvein.inference.prediction import SCALE, Prediction
from deepvein.studies.study import Study
from deepvein.veins.side import LEFT, RIGHT, UNSIDED
from deepvein.veins.stations import STATION_OF, Coverage, Station
from deepvein.veins.voxels import VEIN, VeinVoxels
from deepvein.volumes.grid import Grid

OPEN_VEIN = 0.7
"""Probability that a voxel of confidently open vein has at least."""

MOST_OF_A_SLICE = 400
"""A median needs no more voxels of one slice."""

BESIDE_MM = 12.0
"""Tissue is sampled this far from the vein: outside the wall and the artery, inside the leg."""

FEWEST_VOXELS = 30

LEVEL_MM = 10.0
"""A level of the body of this height shows a vein if one voxel in it does."""

_SIDES = {RIGHT: Side.RIGHT, LEFT: Side.LEFT}


@dataclass(frozen=True)
class Opacification:
    """Median signal of the open veins of one station and side, and that of the tissue beside them.

    Hounsfield units for CT, arbitrary units for MR; voxels is how many were looked at.
    """

    side: Side
    station: Station
    vein: float
    tissue: float
    voxels: int


@dataclass(frozen=True)
class Visibility:
    """Share of the levels of one station and side at which a vein is seen, [0, 1]."""

    side: Side
    station: Station
    share: float


def opacification(
    voxels: VeinVoxels, study: Study, prediction: Prediction
) -> tuple[Opacification, ...]:
    """How bright confidently open veins are, by side and station, cranial to caudal, right first.

    Medians of fewer than FEWEST_VOXELS are not given. The tissue is sampled BESIDE_MM beside the vein,
    where no vein is likely. Reads a bounded number of voxels of each slice.
    """
    sure = (voxels.vein >= OPEN_VEIN * SCALE) & voxels.is_open
    chosen = np.flatnonzero(sure)[_thinned(voxels.indices[sure, 0])]
    segments, sides, vein = voxels.segments[chosen], voxels.sides[chosen], voxels.signal[chosen]
    beside = _beside(voxels.indices[chosen], prediction)
    found = []
    for station in Station:
        members = [int(s) for s, of in STATION_OF.items() if of is station]
        in_station = np.isin(segments, members)
        for number in sorted(set(sides.tolist())):
            here = in_station & (sides == number)
            if here.sum() < FEWEST_VOXELS:
                continue
            around = beside[np.repeat(here, 4)]
            around = around[around[:, 0] >= 0]
            tissue = study.volume.array[tuple(around.T)]
            found.append(
                Opacification(
                    side=_SIDES.get(number, Side.UNKNOWN),
                    station=station,
                    vein=float(np.median(vein[here])),
                    tissue=float(np.median(tissue)) if len(tissue) else 0.0,
                    voxels=int(here.sum()),
                )
            )
    return tuple(found)


def visibility(voxels: VeinVoxels, shown: Coverage, only: Side | None) -> tuple[Visibility, ...]:
    """How much of each side's stations shows a vein, cranial to caudal, right first.

    only: the side of the single leg that was examined, None for two legs (as in Midline).
    """
    seen = voxels.vein >= VEIN * SCALE
    z_mm, sides = voxels.points_mm[seen, 2], voxels.sides[seen]
    single = {Side.RIGHT: (RIGHT,), Side.LEFT: (LEFT,), None: (RIGHT, LEFT)}
    found = []
    for station, (low, high) in shown.shown.items():
        edges = np.linspace(low, high, max(2, int((high - low) / LEVEL_MM) + 1))
        for number in single.get(only, (UNSIDED,)):
            levels, _ = np.histogram(z_mm[sides == number], edges)
            side = _SIDES.get(number, Side.UNKNOWN)
            found.append(Visibility(side, station, float((levels > 0).mean())))
    return tuple(found)


def seen_share(voxels: VeinVoxels, grid: Grid, shown: Coverage) -> float:
    """Share of the levels of `grid` within the stations that show a vein, [0, 1]; 0 without a station."""
    levels = np.zeros(grid.shape[grid.body_axis], dtype=np.bool_)
    levels[voxels.indices[voxels.vein >= VEIN * SCALE, grid.body_axis]] = True
    positions = grid.body_positions_mm()
    within = np.zeros(len(positions), dtype=np.bool_)
    for low, high in shown.shown.values():
        within |= (positions >= low) & (positions <= high)
    return float(levels[within].mean()) if within.any() else 0.0


def _thinned(slices: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of (n,) ascending slice numbers the places of at most about 400 a slice, evenly."""
    first = np.searchsorted(slices, slices)
    count = np.searchsorted(slices, slices, side="right") - first
    rank = np.arange(len(slices)) - first
    return np.flatnonzero(rank % np.maximum(1, count // MOST_OF_A_SLICE) == 0)


def _beside(indices: NDArray[np.int64], prediction: Prediction) -> NDArray[np.int64]:
    """(4n, 3) voxels BESIDE_MM before, behind, left and right of each; (-1, -1, -1) where vein or outside."""
    grid = prediction.grid
    offsets = BESIDE_MM * np.array([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0)])
    steps = np.rint(grid.to_index(offsets) - grid.to_index(np.zeros((4, 3)))).astype(np.int64)
    places: NDArray[np.int64] = (indices[:, None, :] + steps[None]).reshape(-1, 3)
    inside = ((places >= 0) & (places < grid.shape)).all(axis=1)
    places[~inside] = -1
    near_vein = prediction.vein_probability[tuple(places.T)] > 0.1 * SCALE
    places[near_vein] = -1
    return places
