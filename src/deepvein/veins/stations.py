"""Which stations of the legs a study shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

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


@dataclass(frozen=True)
class Coverage:
    """shown: the stations of which territories were found, cranial to caudal, and their LPS z ranges in mm
    (lowest and highest voxel centre); empty where no leg was recognised."""

    shown: dict[Station, tuple[float, float]]

    @property
    def missing(self) -> tuple[Station, ...]:
        return tuple(station for station in Station if station not in self.shown)


def coverage(territories: Volume) -> Coverage:
    """The stations that a map of territories (values 1 to 13, 0 none) shows."""
    axis = territories.grid.body_axis
    positions = territories.grid.body_positions_mm()
    step = territories.grid.spacing_mm[axis]
    across = tuple(a for a in range(3) if a != axis)
    shown = {}
    for station in Station:
        values = [int(segment) for segment, of in STATION_OF.items() if of is station]
        where = positions[np.isin(territories.array, values).any(axis=across)]
        if len(where) * step >= SHORTEST_MM:
            shown[station] = (float(where.min()), float(where.max()))
    return Coverage(shown)
