"""One drawn MR acquisition: where its voxels lie and everything that goes wrong in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from deepvein.core.seeds import generator
from deepvein.phantoms.mr.ghosts import Ghosts, sample_ghosts
from deepvein.phantoms.mr.phase import Phase, sample_phase
from deepvein.phantoms.mr.settings import DEFAULT, MrSettings
from deepvein.phantoms.mr.shim import Shim, sample_shim
from deepvein.phantoms.person.arms import Arm, sample_arms
from deepvein.phantoms.person.body import Body
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.tube import Pixels
from deepvein.volumes.grid import CORONAL, Grid

_SUB_MM = 2.0
"""Slices thicker than this are painted in layers and averaged."""
_UNEVEN_MM = 50.0
"""Gradients bend over this distance from a station's ends."""


@dataclass(frozen=True)
class Station:
    """Rows first to last (not included) of the whole picture, as one acquisition sees them.

    shift_mm: where the person has moved (x, y, z) since the first station. distortion_mm: how far the
    first and the last row show what lies nearer to the station's centre; the width shrinks alike.
    """

    first: int
    last: int
    gain: float
    uncorrected: float
    shift_mm: tuple[float, float, float]
    distortion_mm: float
    ghosts: Ghosts

    def bend(self, row: int, row_mm: float) -> float:
        """-1 to 1: the displacement of a row (positive: towards the feet) over that at the ends."""
        half = (self.last - self.first) * row_mm / 2
        reach = min(_UNEVEN_MM, half)
        above, below = (row - self.first) * row_mm, (self.last - 1 - row) * row_mm
        near = max(0.0, 1 - min(above, below) / reach)
        return near * near * (1.0 if above < below else -1.0)


@dataclass(frozen=True)
class MrScan:
    """One drawn acquisition; places in the person's coordinates (mm).

    arms: whether they lie beside the body (see `arms_of`). margin: columns painted beyond either side of
    the field of view, folded in with the weight `fold`.
    """

    seed: int
    settings: MrSettings
    left_mm: float
    columns: int
    front_mm: float
    slices: int
    top_mm: float
    rows: int
    stations: tuple[Station, ...]
    vein_snr: float
    fat_suppression: float
    offset_mm: tuple[float, float, float]
    phase: Phase
    shim: Shim
    arms: bool = False
    margin: int = 0
    fold: float = 0.0
    softness: float = 0.0

    @property
    def covered_mm(self) -> tuple[float, float]:
        return self.top_mm - self.settings.row_mm * (self.rows - 1), self.top_mm

    @property
    def layers(self) -> int:
        """Axial rows of pixels painted for each coronal slice."""
        return max(1, round(self.settings.slice_mm / _SUB_MM))

    @cached_property
    def owners(self) -> NDArray[np.intp]:
        """(rows,) the station that weighs most in each row of the merged picture."""
        rows = np.arange(self.rows)
        depth = [np.minimum(rows - s.first, s.last - 1 - rows) for s in self.stations]
        return np.asarray(np.argmax(np.stack(depth), axis=0))

    @cached_property
    def pixels(self) -> Pixels:
        """The axial plane through one row: columns along x, slices along y."""
        x = self.left_mm + self.settings.column_mm * np.arange(self.columns)
        y = self.front_mm + self.settings.slice_mm * np.arange(self.slices)
        return Pixels(np.round(x, 6), np.round(y, 6))

    def plane(self, station: Station, row: int) -> tuple[float, Pixels]:
        """What one station sees in a row: the height, and the places of its pixels with margins and
        layers."""
        s, bend = self.settings, station.bend(row, self.settings.row_mm)
        dx, dy, dz = station.shift_mm
        z = self.top_mm - s.row_mm * row - bend * station.distortion_mm - dz
        # 200 mm beside the axis are displaced as far as a row at the end.
        squeeze = 1 - abs(bend) * station.distortion_mm / 200
        x = self.left_mm + s.column_mm * np.arange(-self.margin, self.columns + self.margin)
        step = s.slice_mm / self.layers
        first = self.front_mm - (self.layers - 1) / 2 * step
        y = first + step * np.arange(self.slices * self.layers)
        return round(z, 6), Pixels(np.round(x * squeeze - dx, 6), np.round(y * squeeze - dy, 6))

    def grid(self, frame_of_reference: str, first: int = 0, last: int | None = None) -> Grid:
        """The coronal grid of rows first to last."""
        end = self.rows if last is None else last
        s, (ox, oy, oz) = self.settings, self.offset_mm
        origin = (self.left_mm + ox, self.front_mm + oy, self.top_mm - s.row_mm * first + oz)
        spacing = (s.slice_mm, s.row_mm, s.column_mm)
        shape = (self.slices, end - first, self.columns)
        return Grid.from_directions(shape, spacing, origin, CORONAL, frame_of_reference)


def sample_mr(seed: int, frame: Frame, body: Body, settings: MrSettings = DEFAULT) -> MrScan:
    """The acquisition of a seed; stations share their rows' raster, as one table travel gives."""
    rng = generator(seed, "acquisition")
    low, high = (float(z) + draw.normal(rng, 0, 8, -15, 15) for z in frame.z(settings.coverage))
    t = np.linspace(float(frame.t(low)), float(frame.t(high)), 24)
    widest = max(body.half_width_mm(float(at)) for at in t)
    back = body.lowest_mm(t) + draw.uniform(rng, 2, 10)
    front = min(-body.front_mm(t) - draw.uniform(rng, 2, 10), back - 150)
    room, missing = draw.uniform(rng, 2, 12), draw.uniform(rng, 6, 30)
    narrow = draw.chance(rng, settings.wrap_share)
    half = min(250.0, widest + (-missing if narrow else room))
    has_arms = draw.chance(rng, settings.arms_share)
    reach = _reach_mm(arms_of(seed, body), high) if has_arms else 0.0
    outside = max(widest, reach) + 4 - half
    columns = int(2 * half / settings.column_mm)
    margin = int(max(0.0, outside) / settings.column_mm) if narrow or has_arms else 0
    rows = max(settings.stations * 8, int((high - low) / settings.row_mm))
    stations = _sample_stations(rng, seed, rows, columns, settings)
    ends = tuple(
        high - settings.row_mm * row
        for station in stations
        for row in (station.first, station.last)
    )
    return MrScan(
        seed=seed,
        settings=settings,
        left_mm=round(-half, 3),
        columns=columns,
        front_mm=round(front, 3),
        slices=max(8, int((back - front) / settings.slice_mm)),
        top_mm=round(high, 3),
        rows=rows,
        stations=stations,
        vein_snr=draw.uniform(rng, *settings.vein_snr),
        fat_suppression=draw.uniform(rng, *settings.fat_suppression),
        offset_mm=(draw.normal(rng, 0, 4), draw.normal(rng, 0, 10), round(-(low + high) / 2, 1)),
        phase=sample_phase(seed, settings),
        shim=sample_shim(seed, frame, ends, settings),
        arms=has_arms,
        margin=min(margin, columns // 3),
        fold=draw.uniform(rng, 0.3, 0.8) if narrow else draw.uniform(rng, 0.1, 0.5),
        softness=draw.uniform(rng, *settings.softness),
    )


def arms_of(seed: int, body: Body) -> tuple[Arm, ...]:
    """The arms of a scan that has them."""
    return sample_arms(generator(seed, "acquisition", "arms"), body)


def _sample_stations(
    rng: np.random.Generator, seed: int, rows: int, columns: int, settings: MrSettings
) -> tuple[Station, ...]:
    overlap = min(int(settings.overlap_mm / settings.row_mm), rows // (2 * settings.stations))
    length = -(-(rows + overlap * (settings.stations - 1)) // settings.stations)
    distortion = draw.uniform(rng, *settings.distortion_mm)
    out = []
    for k in range(settings.stations):
        first = max(0, min(k * (length - overlap), rows - length))
        moved = [draw.normal(rng, 0, settings.shift_mm, -4, 4) for _ in range(3)]
        moved[2] = round(moved[2] / 2, 6)  # along the table people slide less
        out.append(
            Station(
                first=first,
                last=min(rows, first + length),
                gain=draw.lognormal(rng, 1.0, settings.station_gain_sd, 0.6, 1.6),
                uncorrected=draw.uniform(rng, *settings.bias),
                shift_mm=(moved[0], moved[1], moved[2]) if k else (0.0, 0.0, 0.0),
                distortion_mm=distortion,
                ghosts=sample_ghosts(seed, k, columns, settings),
            )
        )
    return tuple(out)


def _reach_mm(arms: Sequence[Arm], high_mm: float) -> float:
    """How far arms reach from the midline below the picture's upper end."""
    out = 0.0
    for arm in arms:
        seen = arm.skin.nodes[arm.skin.z_mm <= high_mm]
        out = max([out, *(np.abs(seen[:, 0]) + seen[:, 2:4].max(axis=1)).tolist()])
    return out
