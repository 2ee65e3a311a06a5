"""Filling polygons on a pixel grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def fill(vertices: ArrayLike, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """True at the pixels of `shape` (rows, columns) whose centre lies inside a closed polygon.

    vertices: (n, 2) fractional (row, column), the last joined to the first. The even-odd rule decides,
    so that a self-crossing outline or a keyhole leaves its hole empty. A centre on the upper or left
    edge is inside, on the lower or right edge outside: polygons that share an edge share no pixel.
    Fewer than three vertices enclose nothing.
    """
    points = np.asarray(vertices, dtype=np.float64).reshape(-1, 2)
    rows, columns = shape
    toggles = np.zeros((rows, columns + 1), dtype=np.int32)
    if len(points) >= 3:
        for (r0, c0), (r1, c1) in zip(points, np.roll(points, -1, axis=0), strict=True):
            if r0 == r1:
                continue
            (top, left), (bottom, right) = sorted([(r0, c0), (r1, c1)])
            crossed = np.arange(max(0, np.ceil(top)), min(rows, np.ceil(bottom)), dtype=np.int64)
            at = left + (crossed - top) * (right - left) / (bottom - top)
            first = np.clip(np.ceil(at), 0, columns).astype(np.int64)
            np.add.at(toggles, (crossed, first), 1)
    inside: NDArray[np.bool_] = np.cumsum(toggles[:, :columns], axis=1) % 2 == 1
    return inside


def outline(vertices: ArrayLike, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """True at the pixels of `shape` (rows, columns) on the straight lines between pixel centres.

    vertices: (n, 2) (row, column), rounded to pixel centres, the last joined to the first; one vertex is
    one pixel, two are a line. What lies outside `shape` is left out.
    """
    points = np.rint(np.asarray(vertices, dtype=np.float64).reshape(-1, 2)).astype(np.int64)
    marked = np.zeros(shape, dtype=np.bool_)
    for start, end in zip(points, np.roll(points, -1, axis=0), strict=True):
        steps = int(np.abs(end - start).max()) + 1
        line = np.rint(np.linspace(start, end, steps)).astype(np.int64)
        inside = ((line >= 0) & (line < shape)).all(axis=1)
        marked[tuple(line[inside].T)] = True
    return marked
