"""Contours drawn by hand on one slice: near the true boundary, but never quite on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepvein.phantoms.shapes.tube import Float

Labels = NDArray[np.uint8]

_STAYS = 0.7
"""The boundary moves inwards by at most this share of a region's inner radius, so that none vanishes (M)."""


def redrawn(
    plane: Labels,
    spacing_mm: tuple[float, float],
    rng: np.random.Generator,
    *,
    wobble_mm: float,
    length_mm: float,
    margin_mm: float = 0.0,
) -> Labels:
    """The labels of one slice (row, column) with each boundary moved by a smooth random amount.

    wobble_mm: SD of the movement along the normal; length_mm: over which it is correlated; margin_mm: its
    mean, outwards. spacing_mm: of rows and columns. A region never takes voxels of another one.
    """
    from scipy import ndimage

    out = np.zeros_like(plane)
    pad = [int((4 * wobble_mm + margin_mm) / mm) + 2 for mm in spacing_mm]
    boxes: Sequence[tuple[slice, ...] | None] = ndimage.find_objects(plane)
    for number, box in enumerate(boxes, start=1):
        if box is None:
            continue
        window = tuple(
            slice(max(0, part.start - by), min(size, part.stop + by))
            for part, by, size in zip(box, pad, plane.shape, strict=True)
        )
        exact = plane[window]
        mask = exact == number
        if wobble_mm or margin_mm:
            inside = _depth(mask, spacing_mm, rng)
            move = margin_mm + wobble_mm * smooth_noise(mask.shape, spacing_mm, length_mm, rng)
            drawn = inside + np.maximum(move, -_STAYS * float(inside.max())) > 0
            mask = drawn & (mask | (exact == 0))
        target = out[window]
        target[mask & (target == 0)] = number
    return out


def smooth_noise(
    shape: tuple[int, ...],
    spacing_mm: tuple[float, float],
    length_mm: float,
    rng: np.random.Generator,
) -> Float:
    """(row, column) noise of mean 0 and SD about 1, linear between random nodes `length_mm` apart."""
    shift = rng.random(2).tolist()
    places = [
        np.arange(size) * (mm / length_mm) + start
        for size, mm, start in zip(shape, spacing_mm, shift, strict=True)
    ]
    nodes = np.round(rng.standard_normal([int(place[-1]) + 2 for place in places]), 3)
    (r, u), (c, v) = ((place.astype(int), place - place.astype(int)) for place in places)
    upper = nodes[r][:, c] * (1 - v) + nodes[r][:, c + 1] * v
    lower = nodes[r + 1][:, c] * (1 - v) + nodes[r + 1][:, c + 1] * v
    mixed: Float = upper * (1 - u[:, None]) + lower * u[:, None]
    # Between two nodes the variance is 2/3 of theirs on average, in two directions 4/9.
    return 1.5 * mixed


def _depth(
    mask: NDArray[np.bool_], spacing_mm: tuple[float, float], rng: np.random.Generator
) -> Float:
    """Distance from the boundary in mm at voxel centres, positive inside.

    Where between two voxels the boundary runs is not known from the mask, so it is drawn: a shift of s
    then takes s / voxel of the voxels at the boundary, however coarse they are.
    """
    from scipy import ndimage

    voxel = min(spacing_mm)
    place = 0.5 + 0.29 * smooth_noise(mask.shape, spacing_mm, 1.5 * voxel, rng)
    place = voxel * np.minimum(np.maximum(place, 0.01), 0.99)
    within = ndimage.distance_transform_edt(mask, sampling=spacing_mm) - place
    without = ndimage.distance_transform_edt(~mask, sampling=spacing_mm) - place
    depth: Float = np.where(mask, within, -without)
    return depth
