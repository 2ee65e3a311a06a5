"""Fine random structure inside a vessel or a mass: clot, swirling blood, clotted haematoma."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.core.seeds import generator
from deepvein.phantoms.shapes.tube import Pixels32

_CELLS = 16


@dataclass(frozen=True, eq=False)
class Grain:
    """Random numbers between -1 and 1 on a lattice that repeats every 16 cells, linear in between.

    lattice: (16, 16, 16) by z, y, x. Places are relative to whatever carries the grain, so that the
    structure follows a winding vein.
    """

    lattice: Pixels32
    spacing_mm: float
    spacing_z_mm: float

    def section(self, z_mm: float, x_mm: Pixels32, y_mm: Pixels32) -> Pixels32:
        """(rows, columns) values at height `z_mm` for y_mm (rows,) and x_mm (columns,)."""
        k, f = _cell(np.array([z_mm / self.spacing_z_mm]))
        plane = self.lattice[k[0]] * (1 - f[0]) + self.lattice[(k[0] + 1) % _CELLS] * f[0]
        i, fi = _cell(y_mm.astype(np.float64) / self.spacing_mm)
        j, fj = _cell(x_mm.astype(np.float64) / self.spacing_mm)
        rows = plane[i] * (1 - fi)[:, None] + plane[(i + 1) % _CELLS] * fi[:, None]
        out: Pixels32 = rows[:, j] * (1 - fj) + rows[:, (j + 1) % _CELLS] * fj
        return out


def grain(seed: int, *names: str | int, spacing_mm: float, spacing_z_mm: float) -> Grain:
    """The grain of the stream called `names`."""
    words = generator(seed, *names).integers(0, 65536, (_CELLS,) * 3, dtype=np.uint16)
    lattice = words.astype(np.float32) / np.float32(32768) - np.float32(1)
    return Grain(lattice, spacing_mm, spacing_z_mm)


def _cell(place: np.ndarray) -> tuple[np.ndarray, Pixels32]:
    index = np.floor(place)
    return index.astype(np.intp) % _CELLS, (place - index).astype(np.float32)
