"""MR venography of one leg: the field of view that the paper's matrix and voxels make.

961 × 0.75 mm is 721 mm along the body, from the groin to the lower calf; 345 × 0.55 mm is 190 mm across,
one leg; 93 × 0.6 mm is 56 mm front to back. The deep veins lie in front at the groin and behind at the
knee, some 100 mm apart, so that a slab of 56 mm must lean with them, as technicians plan each station by
itself and consoles compose the stations slice by slice.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from deepvein.anatomy.veins import Side
from deepvein.phantoms.mr.scan import MrScan, Station
from deepvein.phantoms.mr.settings import MrSettings
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.phantom import Scenario
from deepvein.phantoms.shapes.tube import Pixels

TOP_T = 2.1
"""Landmark coordinate of the upper edge: just above the inguinal ligament."""
_DEPTH = (
    (0.0, 40.0),
    (0.5, 40.0),
    (1.0, 42.0),
    (1.25, 24.0),
    (1.55, -8.0),
    (2.0, -52.0),
    (2.2, -60.0),
)
"""Landmark coordinate, and how far behind the middle of the trunk (mm, reference adult with knees 8 mm
raised) the deep veins lie: read off the phantoms."""


@dataclass(frozen=True)
class FieldOfView:
    """rows, columns, slices: the matrix; voxel_mm: edges (row, column, slice). Defaults: the paper's."""

    rows: int = 961
    columns: int = 345
    slices: int = 93
    voxel_mm: tuple[float, float, float] = (0.75, 0.55, 0.6)

    @property
    def length_mm(self) -> float:
        return self.rows * self.voxel_mm[0]

    def coarser(self, factor: float, slices: int) -> FieldOfView:
        """The same field with voxels `factor` times as long in the plane, and so many slices."""
        rows, columns = (max(8, round(n / factor)) for n in (self.rows, self.columns))
        row, column, depth = self.voxel_mm
        edges = (row * factor, column * factor, depth * self.slices / slices)
        return FieldOfView(rows, columns, slices, (edges[0], edges[1], round(edges[2], 4)))

    def settings(self, frame: Frame, base: MrSettings) -> MrSettings:
        """A protocol whose coverage is this field's of a person, with room for its jitter."""
        row, column, depth = self.voxel_mm
        high = float(frame.z(TOP_T)) + 20
        low = high - self.length_mm - 40
        coverage = (float(frame.t(low)), float(frame.t(high)))
        return replace(base, row_mm=row, column_mm=column, slice_mm=depth, coverage=coverage)


@dataclass(frozen=True)
class LegScan(MrScan):
    """A scan whose slab leans: `lean` holds (z, mm) pairs, how far back it lies at heights, in between
    linear. The grid's positions front to back are those at the first pair."""

    lean: tuple[tuple[float, float], ...] = ()

    def plane(self, station: Station, row: int) -> tuple[float, Pixels]:
        z, pixels = super().plane(station, row)
        heights, shifts = zip(*self.lean, strict=True)
        shift = round(float(np.interp(z, heights, shifts)), 3)
        return z, Pixels(pixels.x_mm, np.round(pixels.y_mm + shift, 6))


def of_one_leg(scenario: Scenario, side: Side, field: FieldOfView) -> Scenario:
    """The scenario as seen in a field of view about one leg; its settings must be `field.settings`.

    Rows are those of the field, from the top; a scan with fewer keeps its own.
    """
    scan, frame = scenario.scan, scenario.frame
    if not isinstance(scan, MrScan):
        raise TypeError("only MR scans have a field of view about one leg")
    row, column, depth = field.voxel_mm
    rows = min(field.rows, scan.rows)
    top = round(min(scan.top_mm, float(frame.z(TOP_T)) + 15), 3)
    heights = np.linspace(top - row * rows, top, 24)
    x, _, _, _ = frame.axis(side, np.minimum(frame.t(heights), 2.0))
    middle = (float(x.min()) + float(x.max())) / 2
    person = frame.person
    size = 0.5 * (person.size + person.girth)
    knots = tuple((t, y * size + _raised(t, 8.0 - person.knee_raise_mm)) for t, y in _DEPTH)
    base = knots[0][1]
    lean = tuple((round(float(frame.z(t)), 3), round(y - base, 3)) for t, y in knots)
    given = {one.name: getattr(scan, one.name) for one in fields(MrScan)}
    given |= {
        "left_mm": round(middle - column * field.columns / 2, 3),
        "columns": field.columns,
        "front_mm": round(base - depth * field.slices / 2, 3),
        "slices": field.slices,
        "top_mm": top,
        "rows": rows,
        "stations": _trimmed(scan.stations, scan.rows, rows),
        "arms": False,
        "margin": 0,
    }
    return replace(scenario, scan=LegScan(**given, lean=lean))


def _raised(t: float, mm: float) -> float:
    """What lies behind moves with the cushion below the knees."""
    return mm * float(np.interp(t, (0.0, 0.9, 1.1, 1.9), (0.2, 1.0, 1.0, 0.0)))


def _trimmed(stations: tuple[Station, ...], had: int, rows: int) -> tuple[Station, ...]:
    """The same stations over fewer rows: all of one length, with the same overlap or a little more."""
    length = stations[0].last - stations[0].first
    out = []
    for number, station in enumerate(stations):
        first = round(number * (rows - length) / max(1, len(stations) - 1))
        first = first if had > rows else station.first
        out.append(replace(station, first=first, last=min(rows, first + length)))
    return tuple(out)
