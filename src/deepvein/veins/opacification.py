"""How bright the open veins are, and the tissue beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side
from deepvein.inference.prediction import SCALE, Prediction
from deepvein.studies.study import Study
from deepvein.veins.naming import Naming
from deepvein.veins.side import LEFT, RIGHT, UNSIDED, Midline
from deepvein.veins.stations import STATION_OF, Coverage, Station

OPEN_VEIN, NO_THROMBUS = 0.7, 0.1
"""Probabilities that a voxel of confidently open vein has at least and at most."""

BESIDE_MM = 12.0
"""Tissue is sampled this far from the vein: outside the wall and the artery, inside the leg."""

FEWEST_VOXELS = 30

SEEN_VEIN = 0.5
LEVEL_MM = 10.0
"""A level of the body of this height shows a vein if a voxel in it reaches SEEN_VEIN."""

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
    study: Study, prediction: Prediction, naming: Naming, fewest_voxels: int = FEWEST_VOXELS
) -> tuple[Opacification, ...]:
    """How bright confidently open veins are, by side and station, cranial to caudal, right first.

    Medians of fewer than `fewest_voxels` are not given. The tissue is sampled BESIDE_MM beside the vein,
    where no vein is likely. Reads a bounded number of voxels of each slice.
    """
    indices = _vein_voxels(prediction, OPEN_VEIN, NO_THROMBUS)
    points = prediction.grid.to_world(indices)
    segments = naming.segments(points)
    sides = naming.sides(points, segments)
    vein = study.volume.array[tuple(indices.T)]
    beside = _beside(indices, prediction)
    found = []
    for station in Station:
        members = [int(s) for s, of in STATION_OF.items() if of is station]
        in_station = np.isin(segments, members)
        for number in sorted(set(sides.tolist())):
            here = in_station & (sides == number)
            if here.sum() < fewest_voxels:
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


def visibility(prediction: Prediction, middle: Midline, shown: Coverage) -> tuple[Visibility, ...]:
    """How much of each side's stations shows a vein, open or thrombosed, cranial to caudal, right first."""
    points = prediction.grid.to_world(_vein_voxels(prediction, SEEN_VEIN, 1.0))
    numbers = middle.sides(points)
    single = {Side.RIGHT: (RIGHT,), Side.LEFT: (LEFT,), None: (RIGHT, LEFT)}
    seen = []
    for station, (low, high) in shown.shown.items():
        edges = np.linspace(low, high, max(2, int((high - low) / LEVEL_MM) + 1))
        for number in single.get(middle.only, (UNSIDED,)):
            levels, _ = np.histogram(points[numbers == number, 2], edges)
            side = _SIDES.get(number, Side.UNKNOWN)
            seen.append(Visibility(side, station, float((levels > 0).mean())))
    return tuple(seen)


def _vein_voxels(
    prediction: Prediction, least_vein: float, most_thrombus: float
) -> NDArray[np.int64]:
    """(n, 3) voxels of likely vein, at most about 400 from a slice, evenly in array order."""
    found = [np.zeros((0, 3), dtype=np.int64)]
    for number, vein in enumerate(prediction.vein_probability):
        place = np.argwhere(
            (vein >= least_vein * SCALE)
            & (prediction.thrombus_probability[number] <= most_thrombus * SCALE)
        )
        place = place[:: max(1, len(place) // 400)]
        found.append(np.column_stack([np.full(len(place), number), place]))
    return np.concatenate(found)


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
