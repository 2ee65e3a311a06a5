"""The volume that one leg is painted on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from deepvein.laboratory.second_opinion.legs.curves import Float, Single


@dataclass(frozen=True, eq=False)
class Frame:
    """Where a leg is sampled. level, x, y: of slices, columns and rows in the millimetres of the tables.
    scale: how many true ones each of those is, across the leg. spacing_mm: true, (slice, row, column)."""

    level: Float
    x: Float
    y: Float
    scale: float
    spacing_mm: tuple[float, float, float]

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.level), len(self.y), len(self.x)

    def at(self, volume: Single, x: Float, y: Float) -> Float:
        """The values of `volume` along a course, one a slice."""
        from scipy.ndimage import map_coordinates

        _, row_mm, column_mm = self.spacing_mm
        rows = (y - self.y[0]) * self.scale / row_mm
        columns = (x - self.x[0]) * self.scale / column_mm
        places = [np.arange(len(x)), rows, columns]
        return np.asarray(map_coordinates(volume, places, order=1, mode="nearest"), np.float64)


@dataclass(frozen=True, eq=False)
class Tube:
    """An ellipse in every slice, none where a radius is 0; in the millimetres of the tables. turn:
    radians."""

    x: Float
    y: Float
    rx: Float
    ry: Float
    turn: Float

    def wider(self, by: float | Float) -> Tube:
        """The same with `by` mm around it."""
        real = self.rx > 0
        rx, ry = (np.where(real, radius + by, 0.0) for radius in (self.rx, self.ry))
        return Tube(self.x, self.y, rx, ry, self.turn)


@dataclass(frozen=True, eq=False)
class Canvas:
    """value: (slices, rows, columns) Hounsfield units or signal over that of muscle; painted over in
    place."""

    frame: Frame
    value: Single

    @cached_property
    def pixel_mm(self) -> float:
        return max(self.frame.spacing_mm[1:])

    def share(self, distance: Single, width_mm: float | None = None) -> Single:
        """Part of each pixel that lies inside, from the distance to the edge, below 0 inside, in the
        tables' millimetres; the edge is `width_mm` wide, by default a pixel."""
        blur = self.pixel_mm if width_mm is None else width_mm
        out: Single = np.clip(0.5 - distance * (self.frame.scale / blur), 0, 1)
        return out

    def lay(self, value: float | Single, part: Single) -> None:
        """Paint with `value` where `part` says how much."""
        self.value[...] += part * (value - self.value)

    def fill(self, tube: Tube, value: float | Float) -> None:
        """Paint a tube; `value` may change from slice to slice."""
        values = np.broadcast_to(value, self.frame.level.shape)
        for number, window, far in self._windows(tube, 0.4):
            edge = (far - 1) * min(tube.rx[number], tube.ry[number])
            part = np.clip(0.5 - edge * self.frame.scale / self.pixel_mm, 0, 1)
            here = self.value[number][window]
            here += part * (values[number] - here)

    def inside(self, tube: Tube) -> NDArray[np.bool_]:
        """(slices, rows, columns) True where a pixel's middle lies in the tube."""
        out = np.zeros(self.frame.shape, dtype=bool)
        for number, window, far in self._windows(tube, 0.3):
            out[number][window] = far <= 1
        return out

    def _windows(
        self, tube: Tube, least_mm: float
    ) -> Iterator[tuple[int, tuple[slice, slice], Float]]:
        """Of slices with an ellipse: its surroundings, and how far from its middle they lie (edge: 1)."""
        x, y = self.frame.x, self.frame.y
        for k in np.flatnonzero((tube.rx > least_mm) & (tube.ry > least_mm)):
            reach = max(tube.rx[k], tube.ry[k]) + 2
            rows, columns = (
                slice(*np.searchsorted(axis, (middle - reach, middle + reach)))
                for axis, middle in ((y, tube.y[k]), (x, tube.x[k]))
            )
            dx, dy = x[columns][None, :] - tube.x[k], y[rows][:, None] - tube.y[k]
            c, s = np.cos(tube.turn[k]), np.sin(tube.turn[k])
            far = np.hypot((c * dx + s * dy) / tube.rx[k], (c * dy - s * dx) / tube.ry[k])
            yield int(k), (rows, columns), far
