"""Marking in a study what was read in the sections of a way."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from deepvein.inference.second_reader.sections import in_sections
from deepvein.inference.second_reader.way import STEP_MM, Way
from deepvein.volumes.grid import AXIAL
from deepvein.volumes.orient import orient
from deepvein.volumes.volume import Volume

Float32 = NDArray[np.float32]


LEAST = 0.02
"""Sections in which no pixel is likelier than this are left out: they would move nothing that is found."""


def mark(volume: Volume, way: Way, read: Float32, pixel_mm: float) -> None:
    """Writes probabilities of a way's sections into `volume`; where ways meet the larger one stands.

    volume: uint8, p * 255, of any orientation, changed in place. read: (n, size, size) in [0, 1], as
    `sections` lays them out. Linear between sections, nothing beyond the first and the last, and nothing
    between two sections below LEAST.
    """
    from scipy.ndimage import map_coordinates

    view = orient(volume, AXIAL)
    grid, size = view.grid, read.shape[1]
    half = size * pixel_mm / 2
    heights = way.points_mm[:, 2]
    speaks = read.max(axis=(1, 2)) >= LEAST
    for number, z in enumerate(grid.body_positions_mm()):
        place = z / STEP_MM - way.levels[0]
        if not -0.5 <= place <= len(way) - 0.5:
            continue
        place = min(max(place, 0.0), len(way) - 1.0)
        if not (speaks[int(place)] or speaks[math.ceil(place)]):
            continue
        x, y = (np.interp(z, heights, way.centres_mm[:, axis]) for axis in (0, 1))
        low = grid.to_index([(x - half, y - half, z)])[0]
        high = grid.to_index([(x + half, y + half, z)])[0]
        rows = _inside(low[1], high[1], grid.shape[1])
        columns = _inside(low[2], high[2], grid.shape[2])
        if not len(rows) or not len(columns):
            continue
        points = np.empty((len(rows), len(columns), 3))
        points[..., 0], points[..., 1], points[..., 2] = number, rows[:, None], columns
        world = grid.to_world(points.reshape(-1, 3))
        at = in_sections(way, world, size, pixel_mm).T
        at[0] = place
        found = map_coordinates(read, at, order=1, mode="constant", cval=0.0)
        marked = np.rint(found.clip(0, 1) * 255).astype(np.uint8).reshape(len(rows), len(columns))
        target = view.array[number, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        np.maximum(target, marked, out=target)


def _inside(low: float, high: float, count: int) -> NDArray[np.int64]:
    """The whole numbers between two indices, within an axis."""
    first, last = max(0, int(np.ceil(min(low, high)))), min(count - 1, int(max(low, high)))
    return np.arange(first, last + 1)
