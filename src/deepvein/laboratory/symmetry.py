"""Veins that the annotator left out on one side, taken over from the other (Kozemzak 2019, Section 6).

Where a slice shows a named deep vein on one side alone, its outline is mirrored across the middle of the
body and looked for near there: it is taken only where it lands in something as bright as a vein and
brighter than what surrounds it. What fails is left out, and counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.core.errors import MaskError
from deepvein.volumes.grid import Plane
from deepvein.volumes.volume import Volume

Labels = NDArray[np.uint8]
Float = NDArray[np.float64]

_PAIRED = tuple(
    segment
    for segment in VeinSegment
    if segment.is_deep and segment is not VeinSegment.INFERIOR_VENA_CAVA
)


@dataclass(frozen=True)
class SymmetrySettings:
    """reach_mm: how far from its mirror image a vein is looked for. contrast: least share of the drawn
    vein's brightness over its surroundings that the found one must have. nearness_hu: what each mm away
    from the mirror image costs. body_hu: what is brighter belongs to the body."""

    reach_mm: float = 14.0
    contrast: float = 0.5
    nearness_hu: float = 1.5
    body_hu: float = -300.0


@dataclass(frozen=True, eq=False)
class Completed:
    """segments: with the veins that were added. added, refused: numbers of (slice, vein) pairs."""

    segments: Volume
    added: int
    refused: int


DEFAULT = SymmetrySettings()


def complete(image: Volume, segments: Volume, settings: SymmetrySettings = DEFAULT) -> Completed:
    """Complete the encoded vein segments of an axial study; what was drawn is never changed.

    MaskError if the two grids differ or the slices are not axial.
    """
    if not image.grid.matches(segments.grid):
        raise MaskError(
            f"segments of shape {segments.grid.shape} do not lie on the image's grid {image.grid.shape}"
        )
    if image.grid.plane is not Plane.AXIAL:
        raise MaskError(f"symmetry needs axial slices, got {image.grid.plane.name.lower()} ones")
    out = np.array(segments.array, dtype=np.uint8)
    added = refused = 0
    for index in range(out.shape[0]):
        plane = out[index]
        missing = _missing(plane)
        if not missing:
            continue
        picture = np.asarray(image.array[index], dtype=np.float64)
        middle = middle_of(picture, plane, settings.body_hu)
        if middle is None:
            refused += len(missing)
            continue
        for have, want in missing:
            found = _found(picture, plane, have, middle, image.grid.spacing_mm[1:], settings)
            if found is None:
                refused += 1
                continue
            plane[found & (plane == 0)] = want
            added += 1
    return Completed(Volume(out, segments.grid), added, refused)


def middle_of(picture: Float, plane: Labels, body_hu: float) -> float | None:
    """The column of the body's middle: between veins drawn on both sides, else of the body's outline.

    None for a slice without a body.
    """
    centres = []
    for segment in _PAIRED:
        right, left = (plane == encode(segment, side) for side in (Side.RIGHT, Side.LEFT))
        if right.any() and left.any():
            centres.append((right.nonzero()[1].mean() + left.nonzero()[1].mean()) / 2)
    if centres:
        return float(np.median(centres))
    columns = np.flatnonzero((picture > body_hu).any(axis=0))
    return float((columns[0] + columns[-1]) / 2) if len(columns) else None


def _missing(plane: Labels) -> list[tuple[int, int]]:
    """(label that is there, label that is not) of the veins drawn on one side alone."""
    there = set(np.unique(plane).tolist())
    out = []
    for segment in _PAIRED:
        right, left = encode(segment, Side.RIGHT), encode(segment, Side.LEFT)
        if (right in there) != (left in there):
            out.append((right, left) if right in there else (left, right))
    return out


def _found(
    picture: Float,
    plane: Labels,
    label: int,
    middle: float,
    spacing_mm: tuple[float, float],
    settings: SymmetrySettings,
) -> NDArray[np.bool_] | None:
    """The mask of the mirrored vein where it fits best, or None where nothing there looks like one."""
    rows, columns = np.nonzero(plane == label)
    mirrored = np.rint(2 * middle - columns).astype(np.int64)
    ring_rows, ring_columns = _ring(rows, columns)
    wanted = picture[rows, columns].mean() - _mean(picture, ring_rows, ring_columns)
    if wanted <= 0:
        return None
    ring_rows, ring_mirrored = _ring(rows, mirrored)
    best: tuple[float, int, int] | None = None
    reach = [max(1, round(settings.reach_mm / mm)) for mm in spacing_mm]
    for down in range(-reach[0], reach[0] + 1):
        for across in range(-reach[1], reach[1] + 1):
            away = float(np.hypot(down * spacing_mm[0], across * spacing_mm[1]))
            if away > settings.reach_mm:
                continue
            inside = _mean(picture, rows + down, mirrored + across)
            around = _mean(picture, ring_rows + down, ring_mirrored + across)
            contrast = inside - around
            if not contrast >= settings.contrast * wanted:
                continue
            if _taken(plane, rows + down, mirrored + across):
                continue
            score = contrast - settings.nearness_hu * away
            if best is None or score > best[0]:
                best = (score, down, across)
    if best is None:
        return None
    mask = np.zeros(plane.shape, dtype=bool)
    mask[rows + best[1], mirrored + best[2]] = True
    return mask


def _ring(
    rows: NDArray[np.int64], columns: NDArray[np.int64], width: int = 3
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pixels up to `width` outside a region's bounding ellipse."""
    top, left = rows.min() - width, columns.min() - width
    shape = (int(np.ptp(rows)) + 2 * width + 1, int(np.ptp(columns)) + 2 * width + 1)
    r, c = np.ogrid[: shape[0], : shape[1]]
    y = (r - (shape[0] - 1) / 2) / (shape[0] / 2)
    x = (c - (shape[1] - 1) / 2) / (shape[1] / 2)
    ring: NDArray[Any] = y * y + x * x <= 1
    ring[rows - top, columns - left] = False
    found = np.nonzero(ring)
    return found[0] + top, found[1] + left


def _mean(picture: Float, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> float:
    """Mean over the given pixels; -inf where one lies outside the picture."""
    height, width = picture.shape
    if not len(rows) or rows.min() < 0 or columns.min() < 0:
        return float("-inf")
    if rows.max() >= height or columns.max() >= width:
        return float("-inf")
    return float(picture[rows, columns].mean())


def _taken(plane: Labels, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> bool:
    return bool((plane[rows, columns] > 0).mean() > 0.2)
