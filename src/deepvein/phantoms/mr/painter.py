"""Paints a scan's rows without noise, in both sequences, with what fat suppression leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from deepvein.phantoms.mr.acquisition import FINE
from deepvein.phantoms.mr.aliasing import fold
from deepvein.phantoms.mr.palette import FatPalette, MrPalette, T2Palette, fat_ratio
from deepvein.phantoms.mr.phase import without_contrast
from deepvein.phantoms.mr.scan import MrScan, Station, arms_of
from deepvein.phantoms.mr.susceptibility import disturb
from deepvein.phantoms.painter import Painter
from deepvein.phantoms.person.arms import Arm
from deepvein.phantoms.shapes.canvas import Canvas, Labels, Palette
from deepvein.phantoms.shapes.tube import Pixels, Pixels32, Window

_SWAPPED_WATER = 0.85
"""Part of the water signal that a pulse tuned to it removes (M)."""
_FAT_MM = 2.0
"""Rows within so many mm share one painting of the fat that escapes suppression."""


@dataclass(eq=False)
class Pictures:
    """Noise-free signal of one station in eighths of a unit, its arteries and metal: (slice, row, column)."""

    t1: NDArray[np.uint16]
    t2: NDArray[np.uint16] | None
    arteries: Labels
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
class _Fat:
    """Unsuppressed fat signal of a part of the pixels of a few neighbouring rows, from `first` on."""

    station: Station
    first: int
    window: Window | None
    signal: Pixels32


@dataclass(eq=False)
class Easel:
    """Paints rows of one scenario; `paint` goes through a station's rows in order."""

    scan: MrScan
    painter: Painter
    _last: _Fat | None = None

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

    def blank(self, station: Station) -> Pictures:
        shape = (self.scan.slices, station.last - station.first, self.scan.columns)
        second = np.empty(shape, np.uint16) if self.scan.settings.second_sequence else None
        return Pictures(np.empty(shape, np.uint16), second, np.zeros(shape, np.uint8))

    def paint(self, station: Station, row: int, pictures: Pictures) -> Canvas:
        """Paint one row into `pictures`; the canvas of the first sequence, which carries the labels."""
        z, pixels = self.scan.plane(station, row)
        at = row - station.first
        canvas = self._canvas(self._enhanced, self.t1, z, pixels)
        escape = self._escape(station, row, z, pixels)
        if escape is not None:
            escape.spoil(canvas.value, 1.0)
        self._store(pictures.t1, at, canvas.value)
        pictures.arteries[:, at] = layered(canvas.arteries[:, self.seen], self.scan.layers)
        if pictures.t2 is not None:
            value = self._canvas(self._unenhanced, self.t2, z, pixels).value
            if escape is not None:
                escape.spoil(value, fat_ratio(self.t2, self.t1))
            self._store(pictures.t2, at, value)
        if canvas.metal.any():
            if pictures.metal is None:
                pictures.metal = np.zeros(pictures.t1.shape, np.uint8)
            pictures.metal[:, at] = layered(canvas.metal[:, self.seen], self.scan.layers)
        return canvas

    def _canvas(self, painter: Painter, palette: Palette, z: float, pixels: Pixels) -> Canvas:
        canvas = Canvas(pixels, palette, z, (z,))
        for arm in self._arms:
            arm.paint(canvas)
        painter.paint(canvas)
        return canvas

    def _escape(self, station: Station, row: int, z: float, pixels: Pixels) -> _Escape | None:
        """What fat suppression misses in a row."""
        count = max(1, round(_FAT_MM / self.scan.settings.row_mm))
        first = row - (row - station.first) % count
        fat = self._last
        if fat is None or fat.station is not station or fat.first != first:
            fat = self._last = self._paint_fat(station, first, count)
        if fat.window is None:
            return None
        part = Pixels(pixels.x_mm[fat.window.columns], pixels.y_mm[fat.window.rows])
        failed = self.scan.shim.failure(z, part)
        swapped = self.scan.shim.failure(z, part, swapped=True)
        return _Escape(fat.window.place, fat.signal, failed, swapped, self.scan.fat_suppression)

    def _paint_fat(self, station: Station, first: int, count: int) -> _Fat:
        """Only the pixels in question are painted again, once for rows that lie close together."""
        last = min(first + count, station.last) - 1
        middle = (first + last) // 2
        z, pixels = self.scan.plane(station, middle)
        window = self.scan.shim.window(z, pixels, (last - first) * self.scan.settings.row_mm)
        if window is None:
            return _Fat(station, first, None, np.zeros((0, 0), np.float32))
        part = Pixels(pixels.x_mm[window.columns], pixels.y_mm[window.rows])
        canvas = self._canvas(self._enhanced, FatPalette(self.t1), z, part)
        return _Fat(station, first, window, canvas.value)

    def _store(self, picture: NDArray[np.uint16], at: int, value: Pixels32) -> None:
        seen = fold(np.maximum(value, np.float32(0)), self.scan.margin, self.scan.fold)
        layers = self.scan.layers
        mean = seen[::layers]
        for layer in range(1, layers):
            mean = mean + seen[layer::layers]
        fine = np.minimum(np.rint(mean * np.float32(FINE / layers)), np.float32(65535))
        picture[:, at] = fine.astype(np.uint16)


def layered(labels: Labels, layers: int) -> Labels:
    """(slices, columns) labels of slices painted in layers: what half of them or more show."""
    if layers == 1:
        return labels
    shape = (labels.shape[0] // layers, layers, labels.shape[1])
    parts = labels.reshape(shape)
    most: Labels = parts.max(axis=1)
    most[2 * np.count_nonzero(parts, axis=1) < layers] = 0
    return most
