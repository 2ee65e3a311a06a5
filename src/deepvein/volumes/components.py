"""Connected components of sparse masks, with memory proportional to what is set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def components(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The 26-connected components of a (slice, row, column) mask.

    Returns the (n, 3) indices of all set voxels in array order and their (n,) component numbers,
    counted from 0. Both are empty for an empty mask. A whole-leg CT has 4e8 voxels of which a
    millionth may be set, so a dense label array is avoided.
    """
    indices = np.argwhere(mask).reshape(-1, 3)
    return indices, connect(indices, mask.shape)


def connect(indices: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """The (n,) numbers, from 0, of the 26-connected components of (n, 3) voxels of an array of `shape`.

    The voxels must be distinct and in array order, as `numpy.argwhere` gives them.
    """
    return join(len(indices), neighbours(indices, shape)[:2])


def join(count: int, pairs: tuple[NDArray[np.integer], NDArray[np.integer]]) -> NDArray[np.int64]:
    """The (count,) numbers, from 0, of the parts of a graph of `count` nodes, joined by pairs of them."""
    if not count:
        return np.zeros(0, dtype=np.int64)
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(pairs[0]), dtype=np.int8), pairs), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    numbers: NDArray[np.int64] = labels.astype(np.int64)
    return numbers


def neighbours(
    indices: NDArray[np.int64], shape: tuple[int, ...]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]:
    """All pairs of 26-neighbours among (n, 3) voxels of an array of `shape`, each pair once.

    Returns the (m,) numbers of both, and which of STEPS leads from the first to the second. The voxels
    must be distinct and in array order, as `numpy.argwhere` gives them.
    """
    # One voxel of padding on each side keeps neighbours from wrapping round into the next row.
    padded = np.asarray(shape, dtype=np.int64) + 2
    strides = np.array([padded[1] * padded[2], padded[2], 1], dtype=np.int64)
    keys = (indices + 1) @ strides
    left, right, kinds = [], [], []
    for kind, step in enumerate(STEPS @ strides):
        wanted = keys + step
        place = np.searchsorted(keys, wanted)
        place[place == len(keys)] = 0
        hit = np.flatnonzero(keys[place] == wanted) if len(keys) else place
        left.append(hit.astype(np.int32))
        right.append(place[hit].astype(np.int32))
        kinds.append(np.full(len(hit), kind, dtype=np.uint8))
    return np.concatenate(left), np.concatenate(right), np.concatenate(kinds)


STEPS: NDArray[np.int64] = np.array([
    (a, b, c)
    for a in (-1, 0, 1)
    for b in (-1, 0, 1)
    for c in (-1, 0, 1)
    if (a, b, c) > (0, 0, 0)
])  # fmt: skip
"""(13, 3) the steps to half of the 26 neighbours, so that each pair is met once."""
