"""Square axial sections across a study, centred on the points of a way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side
from deepvein.inference.second_reader.way import STEP_MM, Way
from deepvein.volumes.grid import AXIAL
from deepvein.volumes.orient import orient
from deepvein.volumes.resample import linear_values
from deepvein.volumes.volume import Volume

Float32 = NDArray[np.float32]


def sections(
    volume: Volume,
    points_mm: NDArray[np.float64],
    side: Side,
    size: int,
    pixel_mm: float,
    outside: float,
) -> Float32:
    """(n, size, size) axial sections of `volume` centred on (n, 3) LPS points, linearly interpolated.

    Rows run to the back. Columns run to the left, in a right leg to the right: both legs look alike.
    What lies beyond the volume is `outside`.
    """
    view = orient(volume, AXIAL)
    places = _places(points_mm, side, size, pixel_mm).reshape(-1, 3)
    return linear_values(view, places, outside).reshape(len(points_mm), size, size)


def in_sections(
    way: Way, points_mm: NDArray[np.float64], size: int, pixel_mm: float
) -> NDArray[np.float64]:
    """(n, 3) section, row and column of (n, 3) LPS points in what `sections` cuts along a way.

    Counted from 0 and with a fraction; beyond the first and the last section, and beside them, they go on.
    """
    heights = points_mm[:, 2]
    middle = (size - 1) / 2
    x, y = (np.interp(heights, way.points_mm[:, 2], way.centres_mm[:, axis]) for axis in (0, 1))
    across = (points_mm[:, 0] - x) * (-1 if way.side is Side.RIGHT else 1)
    return np.stack(
        [
            heights / STEP_MM - way.levels[0],
            (points_mm[:, 1] - y) / pixel_mm + middle,
            across / pixel_mm + middle,
        ],
        axis=1,
    )


def _places(
    points_mm: NDArray[np.float64], side: Side, size: int, pixel_mm: float
) -> NDArray[np.float64]:
    """(n, size, size, 3) LPS."""
    offset = (np.arange(size) - (size - 1) / 2) * pixel_mm
    places = np.repeat(points_mm, size * size, axis=0).reshape(-1, size, size, 3)
    places[..., 0] += -offset if side is Side.RIGHT else offset
    places[..., 1] += offset[:, None]
    return places
