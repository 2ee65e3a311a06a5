"""Contrast-enhanced MR venography: how a scenario becomes coronal stations of signal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import cos, exp, radians, sin
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.tissues import BLOOD_T1_GADOLINIUM_MS, CLOT_T1_MS, TISSUES, Tissue
from deepvein.core.errors import SettingsError
from deepvein.core.progress import Progress
from deepvein.core.seeds import generator
from deepvein.phantoms import draw
from deepvein.phantoms.body import Body
from deepvein.phantoms.canvas import Canvas, Labels
from deepvein.phantoms.frame import Frame
from deepvein.phantoms.noise import WORD_SD, white
from deepvein.phantoms.painter import Painter
from deepvein.phantoms.tube import Float, Pixels, Pixels32
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.volume import Volume

_FINE = 8.0
"""Noise-free signal is kept in eighths of a unit."""
_VEIN_SIGNAL = 900.0
_NOISE_WORDS = 3


@dataclass(frozen=True)
class MrSettings:
    """Spoiled gradient echo at 1.5 T: TR 3.17 ms, TE 1.13 ms, flip angle 25 degrees (Huang 2019).

    row_mm (along the body), column_mm and slice_mm (front to back) are voxel edges; the paper's are 0.75
    x 0.55 x 0.6 mm. noise: range of the vein's signal-to-noise ratio. fat_suppression: range of the part
    of the fat signal that is removed.
    """

    repetition_time_ms: float = 3.17
    echo_time_ms: float = 1.13
    flip_angle_deg: float = 25.0
    row_mm: float = 1.0
    column_mm: float = 1.0
    slice_mm: float = 1.5
    stations: int = 3
    overlap_mm: float = 45.0
    vein_snr: tuple[float, float] = (22.0, 45.0)
    fat_suppression: tuple[float, float] = (0.78, 0.96)
    coverage: tuple[float, float] = (0.05, 3.05)
    bias: float = 0.22
    station_gain_sd: float = 0.12

    def __post_init__(self) -> None:
        for name in (
            "repetition_time_ms",
            "echo_time_ms",
            "flip_angle_deg",
            "row_mm",
            "column_mm",
            "slice_mm",
        ):
            if getattr(self, name) <= 0:
                raise SettingsError(f"{name} must be larger than 0, got {getattr(self, name)}")
        if not 1 <= self.stations <= 4:
            raise SettingsError(f"stations must lie between 1 and 4, got {self.stations}")
        if self.coverage[0] >= self.coverage[1]:
            raise SettingsError(f"coverage must run upwards, got {self.coverage}")


@dataclass(frozen=True)
class Station:
    """Rows first to last (not included) of the whole picture, as one acquisition sees them."""

    first: int
    last: int
    gain: float
    bias: tuple[float, ...]


@dataclass(frozen=True)
class MrScan:
    """One drawn acquisition; places in the person's coordinates (mm)."""

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

    @property
    def covered_mm(self) -> tuple[float, float]:
        return self.top_mm - self.settings.row_mm * (self.rows - 1), self.top_mm

    @cached_property
    def pixels(self) -> Pixels:
        """The axial plane through one row: columns along x, slices along y."""
        x = self.left_mm + self.settings.column_mm * np.arange(self.columns)
        y = self.front_mm + self.settings.slice_mm * np.arange(self.slices)
        return Pixels(np.round(x, 6), np.round(y, 6))

    def grid(self, frame_of_reference: str, first: int = 0, last: int | None = None) -> Grid:
        """The coronal grid of rows first to last."""
        end = self.rows if last is None else last
        s, (ox, oy, oz) = self.settings, self.offset_mm
        origin = (self.left_mm + ox, self.front_mm + oy, self.top_mm - s.row_mm * first + oz)
        spacing = (s.slice_mm, s.row_mm, s.column_mm)
        shape = (self.slices, end - first, self.columns)
        return Grid.from_directions(shape, spacing, origin, CORONAL, frame_of_reference)


def sample_mr(seed: int, frame: Frame, body: Body, settings: MrSettings = MrSettings()) -> MrScan:
    """The acquisition of a seed; stations share their rows' raster, as one table travel gives."""
    rng = generator(seed, "acquisition")
    low, high = (float(z) + draw.normal(rng, 0, 8, -15, 15) for z in frame.z(settings.coverage))
    t = np.linspace(float(frame.t(low)), float(frame.t(high)), 24)
    half = min(250.0, max(body.half_width_mm(float(at)) for at in t) + draw.uniform(rng, 2, 12))
    back = body.lowest_mm(t) + draw.uniform(rng, 2, 10)
    front = min(-body.front_mm(t) - draw.uniform(rng, 2, 10), back - 150)
    rows = max(settings.stations * 8, int((high - low) / settings.row_mm))
    overlap = min(int(settings.overlap_mm / settings.row_mm), rows // (2 * settings.stations))
    length = -(-(rows + overlap * (settings.stations - 1)) // settings.stations)
    stations = []
    for k in range(settings.stations):
        first = min(k * (length - overlap), rows - length)
        gain = draw.lognormal(rng, 1.0, settings.station_gain_sd, 0.6, 1.6)
        bias = tuple(draw.normal(rng, 0, settings.bias, -0.5, 0.5) for _ in range(6))
        stations.append(Station(max(0, first), min(rows, first + length), gain, bias))
    return MrScan(
        seed=seed,
        settings=settings,
        left_mm=round(-half, 3),
        columns=int(2 * half / settings.column_mm),
        front_mm=round(front, 3),
        slices=max(8, int((back - front) / settings.slice_mm)),
        top_mm=round(high, 3),
        rows=rows,
        stations=tuple(stations),
        vein_snr=draw.uniform(rng, *settings.vein_snr),
        fat_suppression=draw.uniform(rng, *settings.fat_suppression),
        offset_mm=(draw.normal(rng, 0, 4), draw.normal(rng, 0, 10), round(-(low + high) / 2, 1)),
    )


def spoiled_gradient_echo(
    t1_ms: float, t2_star_ms: float, proton_density: float, settings: MrSettings
) -> float:
    """Steady-state signal, M0 sin(a) (1 - E1) / (1 - cos(a) E1) exp(-TE/T2*), with E1 = exp(-TR/T1)."""
    e1 = exp(-settings.repetition_time_ms / t1_ms)
    angle = radians(settings.flip_angle_deg)
    steady = sin(angle) * (1 - e1) / (1 - cos(angle) * e1)
    return proton_density * steady * exp(-settings.echo_time_ms / t2_star_ms)


@dataclass(frozen=True, eq=False)
class MrPalette:
    """Signal, scaled so that a fully opacified vein gives 900."""

    settings: MrSettings
    fat_suppression: float

    @cached_property
    def _scale(self) -> float:
        blood = TISSUES[Tissue.BLOOD]
        vein = spoiled_gradient_echo(
            BLOOD_T1_GADOLINIUM_MS, blood.t2_star_ms, blood.proton_density, self.settings
        )
        return _VEIN_SIGNAL / vein

    @cached_property
    def _tissues(self) -> dict[Tissue, float]:
        out = {}
        for tissue, p in TISSUES.items():
            signal = spoiled_gradient_echo(p.t1_ms, p.t2_star_ms, p.proton_density, self.settings)
            out[tissue] = round(signal * self._scale * (1 - p.fat * self.fat_suppression), 6)
        return out

    @cached_property
    def _blood(self) -> tuple[Float, Float]:
        """Enhancement and signal: relaxation rates add, 1/T1 = 1/T1(0) + r1 C."""
        blood = TISSUES[Tissue.BLOOD]
        levels = np.linspace(0, 2, 129)
        gain = 1 / BLOOD_T1_GADOLINIUM_MS - 1 / blood.t1_ms
        signal = [
            spoiled_gradient_echo(
                1 / (1 / blood.t1_ms + float(e) * gain),
                blood.t2_star_ms,
                blood.proton_density,
                self.settings,
            )
            for e in levels
        ]
        return levels, np.round(np.array(signal) * self._scale, 6)

    def tissue(self, tissue: Tissue) -> float:
        return self._tissues[tissue]

    def blood(self, enhancement: Pixels32) -> Pixels32:
        return np.interp(enhancement, *self._blood).astype(np.float32)

    def clot(self, acute: bool, quantile: float) -> float:
        mean, sd = CLOT_T1_MS["acute" if acute else "chronic"]
        t1 = min(max(mean + quantile * sd, 420.0), 1900.0)
        density = 0.85 if acute else 0.8
        return round(spoiled_gradient_echo(t1, 40.0, density, self.settings) * self._scale, 6)


class MrVolumes(NamedTuple):
    """The merged picture, the stations from head to foot, and the labels (slice, row, column)."""

    image: Volume
    stations: tuple[Volume, ...]
    labels: tuple[Labels, Labels, Labels, Labels]


def render_mr(
    scan: MrScan, painter: Painter, frame_of_reference: str, progress: Progress | None = None
) -> MrVolumes:
    """Paint every row's axial plane, then let each station see its rows; ("render", done, rows)."""
    shape = (scan.slices, scan.rows, scan.columns)
    clean = np.empty(shape, dtype=np.uint16)
    labels = tuple(np.empty(shape, dtype=np.uint8) for _ in range(4))
    palette = MrPalette(scan.settings, scan.fat_suppression)
    for row in range(scan.rows):
        z = round(scan.top_mm - scan.settings.row_mm * row, 6)
        canvas = Canvas(scan.pixels, palette, z, (z,))
        painter.paint(canvas)
        np.rint(
            np.maximum(canvas.value, 0) * np.float32(_FINE), out=clean[:, row], casting="unsafe"
        )
        for whole, plane in zip(labels, canvas.labels, strict=True):
            whole[:, row] = plane
        if progress is not None:
            progress("render", row + 1, scan.rows)
    stations = tuple(
        Volume(_acquire(scan, number, clean), scan.grid(frame_of_reference, s.first, s.last))
        for number, s in enumerate(scan.stations)
    )
    merged = merge(scan, [station.array for station in stations])
    return MrVolumes(
        Volume(merged, scan.grid(frame_of_reference)),
        stations,
        (labels[0], labels[1], labels[2], labels[3]),
    )


def _acquire(scan: MrScan, number: int, clean: NDArray[np.uint16]) -> NDArray[np.int16]:
    """(slice, row, column) what one station stores: gain, coil bias, edge roll-off, Rician noise."""
    station = scan.stations[number]
    rows = station.last - station.first
    out = np.empty((scan.slices, rows, scan.columns), dtype=np.int16)
    sd = np.float32(_VEIN_SIGNAL / scan.vein_snr / (_NOISE_WORDS**0.5 * WORD_SD))
    y, z, x = (np.linspace(-1, 1, n) for n in (scan.slices, rows, scan.columns))
    a = station.bias
    # The coil's sensitivity falls off over the last tenth of the station's length.
    edge = np.minimum(1.0, 0.62 + 0.38 * np.minimum(1.0, (1 - np.abs(z)) / 0.10))
    along = station.gain * edge * (1 + 0.5 * a[0] * z - 0.12 * z * z)
    across = 1 + 0.5 * a[1] * x + 0.5 * abs(a[2]) * x * x
    field = (along[:, None] * across).astype(np.float32)
    shear = (0.3 * a[3] * z[:, None] * x).astype(np.float32)
    for index in range(scan.slices):
        depth = np.float32(1 + 0.6 * a[4] * y[index] + 0.4 * abs(a[5]) * y[index] ** 2)
        signal = clean[index, station.first : station.last].astype(np.float32)
        signal *= np.float32(1 / _FINE) * depth
        signal *= field + shear
        rng = generator(scan.seed, "acquisition", "noise", number, index)
        real = white(rng, signal.shape, _NOISE_WORDS).astype(np.float32)
        real *= sd
        real += signal
        imaginary = white(rng, signal.shape, _NOISE_WORDS).astype(np.float32)
        imaginary *= sd
        real *= real
        imaginary *= imaginary
        real += imaginary
        np.minimum(np.rint(np.sqrt(real)), 32767, out=out[index], casting="unsafe")
    return out


def merge(scan: MrScan, arrays: list[NDArray[np.int16]]) -> NDArray[np.int16]:
    """(slice, row, column) all stations as one picture, matched in gain and blended where they overlap."""
    out = np.zeros((scan.slices, scan.rows, scan.columns), dtype=np.int16)
    gains = [1.0]
    for above, below, upper, lower in zip(
        arrays[:-1], arrays[1:], scan.stations[:-1], scan.stations[1:], strict=True
    ):
        shared = upper.last - lower.first
        if shared <= 0:
            gains.append(gains[-1])
            continue
        a = above[:, -shared:].sum(axis=(0, 2), dtype=np.int64).sum()
        b = below[:, :shared].sum(axis=(0, 2), dtype=np.int64).sum()
        gains.append(gains[-1] * float(a) / max(1.0, float(b)))
    centre = float(np.exp(np.mean(np.log(gains))))
    for number, (array, station) in enumerate(zip(arrays, scan.stations, strict=True)):
        weight = np.ones(station.last - station.first)
        for other in (number - 1, number + 1):
            if 0 <= other < len(arrays):
                weight *= _ramp(station, scan.stations[other])
        gain = round(gains[number] / centre, 5)
        w = (weight * gain).astype(np.float32)[None, :, None]
        for index in range(scan.slices):
            part = np.rint(array[index] * w[0]).astype(np.int32)
            place = out[index, station.first : station.last]
            np.minimum(place + part, 32767, out=place, casting="unsafe")
    return out


def _ramp(station: Station, other: Station) -> Float:
    """Weights of a station's rows: 1 alone, linear from 1 to 0 over the rows shared with `other`."""
    rows = np.arange(station.first, station.last)
    if other.first > station.first:
        shared = station.last - other.first
        return (
            np.clip((station.last - rows - 0.5) / shared, 0, 1)
            if shared > 0
            else np.ones(len(rows))
        )
    shared = other.last - station.first
    return (
        np.clip((rows + 0.5 - station.first) / shared, 0, 1) if shared > 0 else np.ones(len(rows))
    )
