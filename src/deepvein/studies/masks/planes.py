"""From contours in planes to marked voxels of an image's slices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.volumes.grid import Grid
from deepvein.volumes.polygon import fill, outline

_SAME_PLANE_MM = 0.1
"""Contours no further apart lie in one plane; nobody draws finer."""
_ON_CENTRE = 0.02
"""Share of a pixel within which a vertex counts as lying on a pixel's centre."""

_STICKS_OUT = 0.02
"""Share of a contour's pixels that may lie outside another one in which it lies, as numbers are rounded."""

_SPARSE, _DENSE = 1.5, 0.75
"""Planes further apart than so many slices leave slices empty, closer ones share a slice."""

_OFF = 0.1
"""Slices off the image's from which planes are remarked; less is the rounding of a header."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Contour:
    """depth: slice index, fractional; vertices: (n, 2) fractional (row, column), closed; exclusive: it is
    combined by exclusive or, whatever lies around it."""

    depth: float
    vertices: NDArray[np.float64]
    exclusive: bool


def draw(
    name: str, contours: Iterable[Contour], onto: Grid
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """The mask (0 and 1) of one region on the grid `onto`, and remarks on what was decided.

    Each slice shows the plane of contours that lies nearest, within half a slice; slices without one stay
    empty. If all vertices of the region are pixel centres, as programs write them that trace the border
    pixels of a mask (OpenCV's `findContours`, rt-utils), the pixels on the outline belong to the region, and
    a contour of one or two points is a pixel or a line. Otherwise the outline itself has no width: pixels
    belong by their centre, and contours of one or two points enclose nothing.
    """
    listed = list(contours)
    traced = all(_on_centres(contour.vertices) for contour in listed)
    used = [contour for contour in listed if traced or len(contour.vertices) >= 3]
    mask = np.zeros(onto.shape, dtype=np.uint8)
    planes = _planes(used, _SAME_PLANE_MM / onto.spacing_mm[0])
    depths = np.array([plane[0].depth for plane in planes])
    for place in range(onto.shape[0]) if planes else ():
        nearest = int(np.abs(depths - place).argmin())
        # A plane midway between two slices is shown by one of them, as one that is drawn on a slice.
        if -0.5 <= depths[nearest] - place < 0.5:
            mask[place] = _plane(planes[nearest], onto.shape[1:], traced)
    return mask, tuple(_remarks(name, len(listed) - len(used), depths, marked=bool(mask.any())))


def _remarks(
    name: str, degenerate: int, depths: NDArray[np.float64], *, marked: bool
) -> Iterator[str]:
    if degenerate:
        yield f"{degenerate} contours of region {name} have one or two points and were left out"
    if not marked:
        yield f"region {name} marks no voxel"
    step = float(np.diff(depths).min()) if len(depths) > 1 else 1.0
    off = float(np.abs(depths - np.rint(depths)).max()) if len(depths) else 0.0
    if step >= _DENSE and off > _OFF:
        yield (
            f"region {name} has contours {off:.1f} slices off the image's; each slice shows the nearest within "
            "half a slice"
        )
    if step > _SPARSE:
        yield f"region {name} has contours {step:.1f} slices apart; the slices between stay empty"
    if step < _DENSE:
        yield f"region {name} has contours {step:.2f} slices apart; each slice shows the nearest"


def _on_centres(vertices: NDArray[np.float64]) -> bool:
    return bool(np.abs(vertices - np.rint(vertices)).max() <= _ON_CENTRE)


def _planes(contours: Sequence[Contour], apart: float) -> list[list[Contour]]:
    """Contours up to `apart` slices from the first of their plane, from the first plane to the last."""
    planes: list[list[Contour]] = []
    for contour in sorted(contours, key=lambda one: one.depth):
        if planes and contour.depth - planes[-1][0].depth <= apart:
            planes[-1].append(contour)
        else:
            planes.append([contour])
    return planes


def _plane(contours: Sequence[Contour], shape: tuple[int, int], traced: bool) -> Mask:
    """What the contours of one plane mark, the largest drawn first.

    A contour that lies within a larger one and crosses none is a hole in what is marked there, one inside a
    hole an island (PS3.3 C.8.8.6.3). Contours that cross one another were drawn piece by piece and are
    joined. Exclusive ones are combined by exclusive or. A contour that is there twice counts once.
    """
    empty = np.zeros(shape, dtype=np.bool_)
    drawn = []
    for contour in contours:
        inside = fill(contour.vertices, shape)
        rim = outline(contour.vertices, shape) if traced else empty
        drawn.append((inside & ~rim, rim, contour.exclusive))
    drawn.sort(key=lambda one: -int(np.count_nonzero(one[0])))
    mask = empty.copy()
    seen: list[tuple[Mask, Mask]] = []
    for inside, rim, exclusive in drawn:
        if any(np.array_equal(inside, a) and np.array_equal(rim, b) for a, b in seen):
            continue
        size = np.count_nonzero(inside)
        marked = size > 0 and 2 * np.count_nonzero(mask & inside) > size
        hole = marked and _lies_within(inside, [a | b for a, b in seen])
        seen.append((inside, rim))
        if hole or exclusive:
            mask ^= inside
        else:
            mask |= inside
        if not hole:
            mask |= rim
    return mask


def _lies_within(inside: Mask, larger: Sequence[Mask]) -> bool:
    """True if a contour's pixels lie within all of the larger contours that they touch."""
    size = np.count_nonzero(inside)
    shared = [np.count_nonzero(inside & one) for one in larger]
    return all(count == 0 or count >= (1 - _STICKS_OUT) * size for count in shared)
