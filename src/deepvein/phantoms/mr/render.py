"""From a scan to pictures: every row is painted, every station acquired, and all joined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepvein.core.progress import Progress
from deepvein.phantoms.arms import Arm
from deepvein.phantoms.canvas import Canvas, Labels, Palette
from deepvein.phantoms.mr.acquisition import FINE, acquire
from deepvein.phantoms.mr.palette import (
    FLUID_SIGNAL,
    VEIN_SIGNAL,
    FatPalette,
    MrPalette,
    T2Palette,
    fat_ratio,
)
from deepvein.phantoms.mr.phase import without_contrast
from deepvein.phantoms.mr.scan import MrScan, Station, arms_of
from deepvein.phantoms.mr.susceptibility import disturb
from deepvein.phantoms.mr.wrap import fold
from deepvein.phantoms.painter import Painter
from deepvein.phantoms.tube import Pixels, Pixels32
from deepvein.studies.stations import merge
from deepvein.volumes.volume import Volume

_T2_SNR = 1.3
"""Signal to noise of water in the spin echo over that of the veins in the gradient echo (M)."""
_SWAPPED_WATER = 0.85
"""Part of the water signal that a pulse tuned to it removes (M)."""


class MrVolumes(NamedTuple):
    """The merged picture, the stations from head to foot, the labels (slice, row, column), and the second
    sequence, merged, where the settings ask for it.

    Where stations overlap, labels are those of the station that weighs more in the merged picture; they
    follow its displaced and squeezed rows.
    """

    image: Volume
    stations: tuple[Volume, ...]
    labels: tuple[Labels, Labels, Labels, Labels]
    t2: Volume | None = None


def render_mr(
    scan: MrScan, painter: Painter, frame_of_reference: str, progress: Progress | None = None
) -> MrVolumes:
    """Paint every row's axial plane as each station sees it; ("render", done, rows of all stations)."""
    labels = tuple(
        np.zeros((scan.slices, scan.rows, scan.columns), dtype=np.uint8) for _ in range(4)
    )
    easel = _Easel(scan, painter)
    total, done = sum(s.last - s.first for s in scan.stations), 0
    first: list[Volume] = []
    second: list[Volume] = []
    for number, station in enumerate(scan.stations):
        pictures = easel.blank(station)
        for row in range(station.first, station.last):
            canvas = easel.paint(station, row, pictures)
            if scan.owners[row] == number:
                for whole, plane in zip(labels, canvas.labels, strict=True):
                    whole[:, row] = _layered(plane[:, easel.seen], scan.layers)
            done += 1
            if progress is not None:
                progress("render", done, total)
        arteries = labels[2][:, station.first : station.last]
        grid = scan.grid(frame_of_reference, station.first, station.last)
        pictures.spoil_by_metal(grid.spacing_mm)
        clean, sd = pictures.t1, VEIN_SIGNAL / scan.vein_snr
        first.append(Volume(acquire(scan, number, "t1", clean, arteries, sd), grid))
        if pictures.t2 is not None:
            sd = FLUID_SIGNAL / (_T2_SNR * scan.vein_snr)
            second.append(Volume(acquire(scan, number, "t2", pictures.t2, None, sd), grid))
    return MrVolumes(
        merge(first).volume,
        tuple(first),
        (labels[0], labels[1], labels[2], labels[3]),
        merge(second).volume if second else None,
    )


@dataclass(eq=False)
class _Pictures:
    """Noise-free signal of one station in eighths of a unit, and its metal: (slice, row, column)."""

    t1: NDArray[np.uint16]
    t2: NDArray[np.uint16] | None
    metal: NDArray[np.uint8] | None = None

    def spoil_by_metal(self, spacing_mm: tuple[float, float, float]) -> None:
        if self.metal is None:
            return
        disturb(self.t1, self.metal, spacing_mm)
        if self.t2 is not None:
            # Refocused echoes suffer less.
            disturb(self.t2, self.metal, spacing_mm, 0.5)


@dataclass(frozen=True, eq=False)
class _Escape:
    """Fat that suppression misses, and water that it hits instead, in a part of a row's pixels.

    fat: its unsuppressed signal; failed, swapped: 0 to 1 or None for nowhere.
    """

    place: tuple[slice, slice]
    fat: Pixels32
    failed: Pixels32 | None
    swapped: Pixels32 | None
    suppression: float

    def spoil(self, value: Pixels32, ratio: float) -> None:
        """Change `value`, painted with suppressed fat; ratio: of this sequence's fat signal to `fat`."""
        part, fat, gone = (
            value[self.place],
            self.fat * np.float32(ratio),
            np.float32(self.suppression),
        )
        failed = self.failed
        if self.swapped is not None:
            water = part - (1 - gone) * fat
            part -= np.float32(_SWAPPED_WATER) * self.swapped * water
            failed = self.swapped if failed is None else np.maximum(failed, self.swapped)
        if failed is not None:
            part += gone * failed * fat


@dataclass(frozen=True, eq=False)
class _Easel:
    """Paints rows in both sequences, with what fat suppression leaves."""

    scan: MrScan
    painter: Painter

    @cached_property
    def t1(self) -> MrPalette:
        return MrPalette(self.scan.settings, self.scan.fat_suppression)

    @cached_property
    def t2(self) -> T2Palette:
        return T2Palette(self.scan.settings, self.scan.fat_suppression)

    @cached_property
    def _enhanced(self) -> Painter:
        plain = self.painter
        return replace(plain, contrast=self.scan.phase.applied(plain.contrast, plain.vessels))

    @cached_property
    def _unenhanced(self) -> Painter:
        plain = self.painter
        return replace(plain, contrast=without_contrast(plain.contrast, plain.vessels))

    @cached_property
    def _arms(self) -> tuple[Arm, ...]:
        return arms_of(self.scan.seed, self.painter.body) if self.scan.arms else ()

    @property
    def seen(self) -> slice:
        """The painted columns that lie in the field of view."""
        return slice(self.scan.margin, self.scan.margin + self.scan.columns)

    def blank(self, station: Station) -> _Pictures:
        shape = (self.scan.slices, station.last - station.first, self.scan.columns)
        second = np.empty(shape, np.uint16) if self.scan.settings.second_sequence else None
        return _Pictures(np.empty(shape, np.uint16), second)

    def paint(self, station: Station, row: int, pictures: _Pictures) -> Canvas:
        """Paint one row into `pictures`; the canvas of the first sequence, which carries the labels."""
        z, pixels = self.scan.plane(station, row)
        at = row - station.first
        canvas = self._canvas(self._enhanced, self.t1, z, pixels)
        escape = self._escape(z, pixels)
        if escape is not None:
            escape.spoil(canvas.value, 1.0)
        self._store(pictures.t1, at, canvas.value)
        if pictures.t2 is not None:
            value = self._canvas(self._unenhanced, self.t2, z, pixels).value
            if escape is not None:
                escape.spoil(value, fat_ratio(self.t2, self.t1))
            self._store(pictures.t2, at, value)
        if canvas.metal.any():
            if pictures.metal is None:
                pictures.metal = np.zeros(pictures.t1.shape, np.uint8)
            pictures.metal[:, at] = _layered(canvas.metal[:, self.seen], self.scan.layers)
        return canvas

    def _canvas(self, painter: Painter, palette: Palette, z: float, pixels: Pixels) -> Canvas:
        canvas = Canvas(pixels, palette, z, (z,))
        for arm in self._arms:
            arm.paint(canvas)
        painter.paint(canvas)
        return canvas

    def _escape(self, z: float, pixels: Pixels) -> _Escape | None:
        """What fat suppression misses in a row; only the pixels in question are painted again."""
        shim = self.scan.shim
        window = shim.window(z, pixels)
        if window is None:
            return None
        part = Pixels(pixels.x_mm[window.columns], pixels.y_mm[window.rows])
        failed, swapped = shim.failure(z, part), shim.failure(z, part, swapped=True)
        fat = self._canvas(self._enhanced, FatPalette(self.t1), z, part).value
        return _Escape(window.place, fat, failed, swapped, self.scan.fat_suppression)

    def _store(self, picture: NDArray[np.uint16], at: int, value: Pixels32) -> None:
        seen = fold(np.maximum(value, np.float32(0)), self.scan.margin, self.scan.fold)
        layers = self.scan.layers
        mean = seen[::layers]
        for layer in range(1, layers):
            mean = mean + seen[layer::layers]
        fine = np.minimum(np.rint(mean * np.float32(FINE / layers)), np.float32(65535))
        picture[:, at] = fine.astype(np.uint16)


def _layered(labels: Labels, layers: int) -> Labels:
    """(slices, columns) labels of slices painted in layers: what half of them or more show."""
    if layers == 1:
        return labels
    shape = (labels.shape[0] // layers, layers, labels.shape[1])
    parts = labels.reshape(shape)
    most: Labels = parts.max(axis=1)
    most[2 * np.count_nonzero(parts, axis=1) < layers] = 0
    return most
