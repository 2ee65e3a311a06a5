"""Smooth random fields in the patient: the grain of muscle and fat, the wobble of every outline."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from deepvein.core.seeds import generator
from deepvein.phantoms.shapes.tube import Float, Pixels, Pixels32

REACH_MM = 420.0


@dataclass(frozen=True, eq=False)
class Texture:
    """Random numbers between -1 and 1 on a lattice, linear in between.

    Every lattice plane has its own random stream, so a section needs only its two neighbours and can be
    made alone and in any order.
    """

    seed: int
    name: str
    spacing_mm: float
    spacing_z_mm: float
    reach_mm: float = REACH_MM
    """The field is defined for x and y between -reach_mm and reach_mm."""
    _planes: dict[int, Float] = field(default_factory=dict, repr=False)

    @cached_property
    def _count(self) -> int:
        return int(2 * self.reach_mm / self.spacing_mm) + 2

    def _plane(self, index: int) -> Float:
        if index not in self._planes:
            if len(self._planes) > 8:
                self._planes.clear()
            rng = generator(self.seed, "anatomy", "texture", self.name, index)
            whole = rng.integers(0, 65536, (self._count, self._count), dtype=np.uint16)
            self._planes[index] = whole.astype(np.float64) / 32768.0 - 1.0
        return self._planes[index]

    def section(self, z_mm: float, pixels: Pixels) -> Pixels32:
        """(rows, columns) values in the plane z."""
        place = z_mm / self.spacing_z_mm
        index = int(np.floor(place))
        f = place - index
        plane = self._plane(index) * (1 - f) + self._plane(index + 1) * f
        i, fi = self._lerp(pixels.y_mm)
        j, fj = self._lerp(pixels.x_mm)
        rows = (plane[i] * (1 - fi)[:, None] + plane[i + 1] * fi[:, None]).astype(np.float32)
        columns = np.ascontiguousarray(rows.T)
        step = columns[j + 1] - columns[j]
        step *= fj.astype(np.float32)[:, None]
        step += columns[j]
        return np.ascontiguousarray(step.T)

    def _lerp(self, at_mm: Float) -> tuple[NDArray[np.intp], Float]:
        place = np.clip((at_mm + self.reach_mm) / self.spacing_mm, 0, self._count - 2.001)
        index = place.astype(np.intp)
        return index, place - index
