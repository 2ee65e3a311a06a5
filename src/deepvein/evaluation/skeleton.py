"""The centreline of a mask by thinning.

Thinning peels simple voxels (those whose removal changes no connection, hole or cavity; Malandain and
Bertrand 1992, Proc ICPR 3:232) layer by layer. Within one of the eight subfields of voxels of equal index
parity no two are neighbours, so all of them may go at once (Bertrand and Aktouf 1994, Proc SPIE 2356:113).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_OFFSETS = [
    (a, b, c) for a in (-1, 0, 1) for b in (-1, 0, 1) for c in (-1, 0, 1) if (a, b, c) != (0, 0, 0)
]
_FACES = [n for n, offset in enumerate(_OFFSETS) if sum(map(abs, offset)) == 1]
_N18 = [n for n, offset in enumerate(_OFFSETS) if sum(map(abs, offset)) <= 2]


def skeleton(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(n, 3) indices of a one-voxel-wide centreline with the topology of the (slice, row, column) mask.

    Ends of lines stay. Works on the box that holds the mask, one byte a voxel. (0, 3) for an empty mask.
    """
    if not mask.any():
        return np.zeros((0, 3), dtype=np.int64)
    held = [np.flatnonzero(mask.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
    low = np.array([place[0] for place in held])
    box = tuple(slice(place[0], place[-1] + 1) for place in held)
    thin = np.pad(mask[box], 1).astype(np.uint8)
    steps = np.array(_OFFSETS) @ (np.array(thin.strides) // thin.itemsize)
    voxels = np.flatnonzero(thin.ravel())
    parity = _parity(voxels, thin.shape)
    flat = thin.reshape(-1)
    weights = 1 << np.arange(26, dtype=np.int64)
    changed = True
    while changed:
        changed = False
        # One face direction after the other, so that all sides lose their layer alike.
        for face in _FACES:
            border = flat[voxels + steps[face]] == 0
            for field in range(8):
                candidates = voxels[border & (parity == field) & (flat[voxels] > 0)]
                codes = flat[candidates[:, None] + steps] @ weights
                unique, inverse = np.unique(codes, return_inverse=True)
                removable = np.array([_is_removable(int(code)) for code in unique], dtype=bool)
                gone = candidates[removable[inverse]] if len(unique) else candidates
                flat[gone] = 0
                changed = changed or len(gone) > 0
            kept = flat[voxels] > 0
            voxels, parity = voxels[kept], parity[kept]
    indices: NDArray[np.int64] = np.stack(np.unravel_index(voxels, thin.shape), axis=1) - 1 + low
    return indices


def _parity(voxels: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.int64]:
    a, b, c = np.unravel_index(voxels, shape)
    return np.asarray((a % 2) * 4 + (b % 2) * 2 + c % 2)


@lru_cache(maxsize=1 << 20)
def _is_removable(code: int) -> bool:
    """True for a voxel that is simple and not the end of a line; bit n of `code` is neighbour n."""
    present = {n for n in range(26) if code >> n & 1}
    if len(present) <= 1:
        return False
    free = {n for n in _N18 if n not in present}
    return _parts(present, present, 2) == 1 and _parts(free, free.intersection(_FACES), 1) == 1


def _parts(members: set[int], starts: set[int], mode: int) -> int:
    """How many components of `members` hold one of `starts`; mode 1 joins faces, mode 2 also corners."""
    left, count = set(members), 0
    for start in sorted(starts):
        if start not in left:
            continue
        count += 1
        left.discard(start)
        stack = [start]
        while stack:
            near = _NEIGHBOURS[mode][stack.pop()] & left
            left -= near
            stack.extend(near)
    return count


def _neighbours(mode: int) -> list[frozenset[int]]:
    def touch(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
        steps = [abs(a - b) for a, b in zip(one, other, strict=True)]
        return max(steps) == 1 and (mode == 2 or sum(steps) == 1)

    return [
        frozenset(m for m, other in enumerate(_OFFSETS) if touch(one, other)) for one in _OFFSETS
    ]


_NEIGHBOURS = {mode: _neighbours(mode) for mode in (1, 2)}
