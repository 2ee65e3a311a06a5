"""Parallel projections of a section, their ramp filter and their back projection.

Weights are whole numbers kept in float64, so that sums are exact in whatever order a library takes them,
and the same section gives the same projections on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.phantoms.shapes.tube import Float, Pixels32

UNIT = 64.0
"""Whole numbers in a pixel edge of path length."""

_RAMP_UNIT = 2.0**20


@dataclass(frozen=True)
class Rays:
    """Rays through a square of n x n pixels, in `views` directions over half a turn.

    A sinogram is (views, bins) with bins one pixel wide; lengths are in pixel edges.
    """

    n: int
    views: int

    @cached_property
    def bins(self) -> int:
        return 2 * int(0.7072 * self.n + 3)

    @cached_property
    def _directions(self) -> tuple[Float, Float]:
        angle: Float = (np.arange(self.views, dtype=np.float64) + 0.5) * np.pi / self.views
        return _rounded(np.cos(angle)), _rounded(np.sin(angle))

    @cached_property
    def levelness(self) -> Float:
        """(views,) 1 for rays along the rows, 0 for those along the columns."""
        _, sin = self._directions
        out: Float = np.round(sin * sin, 9)
        return out

    @cached_property
    def ramp(self) -> Float:
        """(bins, bins) the band-limited ramp filter (Ramachandran and Lakshminarayanan 1971)."""
        apart = np.arange(self.bins)[:, None] - np.arange(self.bins)[None]
        odd = apart % 2 != 0
        safe = np.where(odd, apart, 1).astype(np.float64)
        weights = np.where(odd, -1.0 / (np.pi**2 * safe * safe), 0.0)
        weights[apart == 0] = 0.25
        return np.rint(weights * _RAMP_UNIT)

    def project(self, x: Float, y: Float, area: float = 1.0) -> Float:
        """Sinogram of points x, y (pixel coordinates, (m,)), each of `area` square pixels."""
        if not len(x):
            return np.zeros((self.views, self.bins))
        cos, sin = self._directions
        middle = (self.n - 1) / 2
        # Half-pixel bins, of which four neighbours are merged: no gaps between the points' shadows.
        place = (x - middle) * (2 * cos)[:, None]
        place += (y - middle) * (2 * sin)[:, None]
        place += (np.arange(self.views) * (2 * self.bins) + self.bins)[:, None]
        flat = np.bincount(place.astype(np.int64).ravel(), minlength=2 * self.views * self.bins)
        fine = flat.reshape(self.views, 2 * self.bins)
        wide = np.zeros((self.views, 2 * self.bins + 2), dtype=np.int64)
        wide[:, 1:-1] = fine
        merged = wide[:, 0:-2:2] + wide[:, 3::2] + 3 * (wide[:, 1:-1:2] + wide[:, 2:-1:2])
        return np.rint(merged * (area * UNIT / 4)) / UNIT

    def filtered(self, sinogram: Float) -> Float:
        """The sinogram, rounded to 1/UNIT, after the ramp filter, scaled for `back`."""
        whole: Float = np.rint(sinogram * UNIT) @ self.ramp
        whole *= np.pi / (self.views * UNIT * _RAMP_UNIT)
        return whole

    @cached_property
    def _places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(views, n) whole parts of x and y in quarter bins."""
        cos, sin = self._directions
        at = np.arange(self.n) - (self.n - 1) / 2
        x = np.rint(4 * at * cos[:, None] + 2 * self.bins - 2).astype(np.int64)
        return x, np.rint(4 * at * sin[:, None]).astype(np.int64)

    def back(self, sinogram: Float) -> Pixels32:
        """(n, n) sum over all views of the sinogram's value at each pixel."""
        fine = np.empty((self.views, self.bins, 4), dtype=np.float32)
        after = np.concatenate([sinogram[:, 1:], sinogram[:, -1:]], axis=1)
        for k in range(4):
            fine[:, :, k] = sinogram + (0.25 * k) * (after - sinogram)
        rows = fine.reshape(self.views, 4 * self.bins)
        x, y = self._places
        out = np.zeros((self.n, self.n), dtype=np.float32)
        for view in range(self.views):
            out += rows[view].take(x[view] + y[view][:, None])
        return out


def _rounded(values: NDArray[Any]) -> Float:
    out: Float = values.astype(np.float64)
    return out.round(9)


@lru_cache(maxsize=8)
def rays(n: int, views: int) -> Rays:
    """The rays of a square, made once."""
    return Rays(n, views)


def enlarged(plane: Pixels32, shape: tuple[int, int], block: int) -> Pixels32:
    """(rows, columns) of `shape` by linear interpolation; a coarse pixel covers block x block fine ones."""
    rows, columns = (_between(plane.shape[k], shape[k], block) for k in (0, 1))
    (i, f), (j, g) = rows, columns
    wide = plane[:, j]
    wide += g * (plane[:, j + 1] - wide)
    out: Pixels32 = wide[i]
    step = np.diff(wide, axis=0)[i]
    step *= f[:, None]
    out += step
    return out


def _between(coarse: int, fine: int, block: int) -> tuple[NDArray[np.int64], Pixels32]:
    place = np.clip((np.arange(fine) + 0.5) / block - 0.5, 0, coarse - 1)
    index = np.minimum(place.astype(np.int64), max(coarse - 2, 0))
    return index, (place - index).astype(np.float32)
