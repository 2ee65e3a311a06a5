"""A vein pulled straight: what lies beside each point of its middle line, across the body and through it.

The picture stands upright: its first row is the end towards the heart. Columns run to the patient's left in
the one plane and to the back in the other, both square to the vein: a straightened curved planar reformation
(Kanitsar et al. 2002, IEEE Visualization, 37).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.veins.tree import VeinTree
from deepvein.volumes.resample import linear_values, nearest_values
from deepvein.volumes.volume import Volume

Float = NDArray[np.float64]

ROW_MM, PIXEL_MM = 1.0, 0.5
"""Distance of the rows along the vein, and of the columns across it."""

HALF_WIDTH_MM = 20.0
"""To each side of the vein: twice its widest diameter, so that its artery is seen beside it."""

MARGIN_MM = 100.0
"""Of the vein below and above what is looked at."""

NEAR_MM = 8.0
"""A thrombus lies in a vein if it comes as near as this to its middle line."""

_SMOOTH_MM = 6.0
"""Standard deviation of the smoothing of the line's direction: its small bends would shake the picture."""

_PLANES = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
"""Where columns run to: the patient's left, and the back (LPS)."""


@dataclass(frozen=True, eq=False)
class Straightened:
    """values, labels: (plane, row, column) of the image, and of a map of labels where they are nearest.

    points_mm: (row, 3) LPS of the middle line, which is the middle column of both planes.
    """

    values: NDArray[np.float32]
    labels: NDArray[np.uint8]
    points_mm: Float


def line_through(tree: VeinTree, points_mm: Float) -> Float | None:
    """(n, 3) LPS points along the vein in which (m, 3) points lie, from below upwards, MARGIN_MM beyond them.

    Of all ways of the blood it is the one that passes most of them, and of those the longest. None where no
    vein comes near.
    """
    from scipy.spatial import KDTree

    if not len(points_mm):
        return None
    marked = KDTree(points_mm)
    best: tuple[int, int] = (0, 0)
    found: Float | None = None
    for number in range(len(tree.courses)):
        line = tree.line_mm(number)
        near = np.flatnonzero(marked.query(line)[0] <= NEAR_MM)
        if (len(near), len(line)) > best and len(near):
            best = (len(near), len(line))
            along = _along(line)
            kept = (along >= along[near[0]] - MARGIN_MM) & (along <= along[near[-1]] + MARGIN_MM)
            found = line[kept]
    return found if found is not None and len(found) > 1 else None


def straighten(volume: Volume, labels: Volume, line_mm: Float) -> Straightened:
    """A volume and a map of labels along a line of 2 points or more, from below upwards.

    What lies beyond the volume has its lowest value.
    """
    from scipy.ndimage import gaussian_filter1d

    along = _along(line_mm)
    rows = np.arange(0.0, along[-1] + 1e-6, ROW_MM)
    points = np.column_stack([np.interp(rows, along, line_mm[:, axis]) for axis in range(3)])[::-1]
    smooth = gaussian_filter1d(points, _SMOOTH_MM / ROW_MM, axis=0, mode="nearest")
    ahead = _unit(np.gradient(smooth, axis=0)) if len(points) > 1 else np.array([[0.0, 0.0, 1.0]])
    steps = np.arange(-HALF_WIDTH_MM, HALF_WIDTH_MM + 1e-6, PIXEL_MM)
    across = [_square_to(ahead, direction) for direction in _PLANES]
    places = np.stack([points[:, None] + side[:, None] * steps[:, None] for side in across])
    shape = places.shape[:3]
    flat = places.reshape(-1, 3)
    return Straightened(
        linear_values(volume, flat, float(volume.array.min())).reshape(shape),
        nearest_values(labels, flat).reshape(shape),
        points,
    )


def _along(line_mm: Float) -> Float:
    steps = np.linalg.norm(np.diff(line_mm, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _unit(vectors: Float) -> Float:
    unit: Float = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return unit


def _square_to(ahead: Float, direction: Float) -> Float:
    """(n, 3) unit vectors as near to `direction` as can be, square to each of (n, 3).

    Where the vein itself runs there, the last one before holds: the picture does not flip.
    """
    square = direction - (ahead @ direction)[:, None] * ahead
    known = np.linalg.norm(square, axis=1) > 0.2
    if not known.any():
        return _square_to(ahead, np.array([0.0, 0.0, 1.0]))
    last = np.maximum.accumulate(np.where(known, np.arange(len(known)), int(np.argmax(known))))
    return _unit(square[last])
