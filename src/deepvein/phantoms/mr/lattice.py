"""Fields that vary slowly over a volume: values on a coarse lattice, linear in between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.phantoms.shapes.tube import Pixels32


@dataclass(frozen=True, eq=False)
class Lattice:
    """values: (slice, row, column) at evenly spaced places that span the volume; at least 2 an axis."""

    values: Pixels32

    def section(self, depth: float, rows: int, columns: int) -> Pixels32:
        """(rows, columns) of the coronal section at `depth`, 0 the first slice to 1 the last."""
        place = depth * (self.values.shape[0] - 1)
        index = min(int(place), self.values.shape[0] - 2)
        part = np.float32(place - index)
        plane = self.values[index] + part * (self.values[index + 1] - self.values[index])
        down, share = _places(rows, plane.shape[0])
        tall = plane[down] + share[:, None] * (plane[down + 1] - plane[down])
        across, share = _places(columns, plane.shape[1])
        step = tall[:, 1:] - tall[:, :-1]
        out: Pixels32 = np.take(step, across, axis=1)
        out *= share
        out += np.take(tall, across, axis=1)
        return out


def _places(count: int, of: int) -> tuple[NDArray[np.intp], Pixels32]:
    place = np.linspace(0, of - 1, count) if count > 1 else np.zeros(1)
    index = np.minimum(place.astype(np.intp), of - 2)
    return index, (place - index).astype(np.float32)
