"""Which stations of the legs a study shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import VeinSegment
from deepvein.volumes.volume import Volume


class Station(Enum):
    """Parts of the venous tree, cranial to caudal; the value is the word for people."""

    PELVIS = "pelvis"
    THIGH = "thigh"
    KNEE = "knee"
    CALF = "calf"


STATION_OF: dict[VeinSegment, Station] = {
    segment: Station.PELVIS
    if segment <= VeinSegment.INTERNAL_ILIAC
    else Station.THIGH
    if segment <= VeinSegment.FEMORAL
    else Station.KNEE
    if segment is VeinSegment.POPLITEAL
    else Station.CALF
    for segment in VeinSegment
    if segment.is_deep
}

SHORTEST_MM = 20.0
"""A station of which less than this is shown along the body counts as not shown."""

LEAST_SHARE = 0.4
"""A level shows a station to which at least this share of its territories belongs: a few voxels beside another
station's are errors of the localiser, and legs of 120 mm do not reach from pelvis to calf. Ours."""


@dataclass(frozen=True)
class Coverage:
    """shown: the stations of which territories were found, cranial to caudal, and their LPS z ranges in mm
    (lowest and highest voxel centre); empty where no leg was recognised."""

    shown: dict[Station, tuple[float, float]]

    @property
    def missing(self) -> tuple[Station, ...]:
        return tuple(station for station in Station if station not in self.shown)


def coverage(territories: Volume) -> Coverage:
    """The stations that a map of territories (values 1 to 13, 0 none) shows.

    Neighbours alone: of stations with one between them that is not shown, those beside the longest hold.
    """
    axis = territories.grid.body_axis
    positions = territories.grid.body_positions_mm()
    step = territories.grid.spacing_mm[axis]
    across = tuple(a for a in range(3) if a != axis)
    named = np.maximum((territories.array > 0).sum(axis=across), 1)
    levels = {}
    for station in Station:
        values = [int(segment) for segment, of in STATION_OF.items() if of is station]
        share = np.isin(territories.array, values).sum(axis=across) / named
        where = positions[share >= LEAST_SHARE]
        if len(where) * step >= SHORTEST_MM:
            levels[station] = where
    return Coverage({s: (float(levels[s].min()), float(levels[s].max())) for s in _joined(levels)})


def _joined(levels: dict[Station, NDArray[np.float64]]) -> list[Station]:
    """The stations that follow one another without a gap and of which most levels are shown."""
    runs: list[list[Station]] = [[]]
    for station in Station:
        if station in levels:
            runs[-1].append(station)
        else:
            runs.append([])
    return max(runs, key=lambda run: sum(len(levels[station]) for station in run))
