"""How large a thrombus is and how much of the vein it fills."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.findings.finding import Occlusion
from deepvein.inference.prediction import SCALE, Prediction
from deepvein.volumes.grid import Grid

Indices = NDArray[np.int64]

OCCLUSIVE_FRACTION = 0.6
"""From this share of the typical section on a thrombus counts as occlusive: the wall, the rim of contrast
around a fresh clot and partial volume take a ring of about one voxel. With true masks of synthetic legs,
typical sections of planted occlusive thrombi are filled by 0.68 and more, of partial ones by 0.50 and
less."""

SMALLEST_SECTION = 6
"""Vein sections of fewer voxels (median) cannot show whether contrast passes."""


@dataclass(frozen=True)
class Filling:
    """fraction: share of the vein's section that is thrombus, averaged over the thrombus's length, [0, 1];
    occlusion: its class, by the median section, so that tapered ends do not decide."""

    fraction: float
    occlusion: Occlusion


def diameter_mm(indices: Indices, grid: Grid) -> float:
    """Largest maximum Feret diameter of the sections across the body axis; 0 for no voxels.

    Each connected part of a section counts by itself, so that two veins side by side are not measured
    as one. Voxels reach from edge to edge: one voxel of 1 mm has a diameter of 1 mm.
    """
    across = [axis for axis in range(3) if axis != grid.body_axis]
    spacing = np.asarray(grid.spacing_mm)[across]
    largest = 0.0
    for section in _sections(indices, grid.body_axis):
        for part in _parts(section[:, across]):
            largest = max(largest, _feret(part, spacing))
    return largest


def filling(indices: Indices, prediction: Prediction, vein_threshold: float = 0.5) -> Filling:
    """Thrombus area over vein area, section by section across the body axis.

    The vein's section is what is vein (probability of at least `vein_threshold`) or thrombus and hangs
    together with the thrombus in that section. UNDETERMINED where sections have too few voxels to tell.
    """
    axis = prediction.grid.body_axis
    across = [a for a in range(3) if a != axis]
    margin = [int(np.ceil(20.0 / prediction.grid.spacing_mm[a])) for a in across]
    limits = [prediction.grid.shape[a] for a in across]
    fractions, areas = [], []
    for section in _sections(indices, axis):
        place = section[:, across]
        low = np.maximum(place.min(axis=0) - margin, 0)
        high = np.minimum(place.max(axis=0) + margin + 1, limits)
        window: list[slice | int] = [slice(None)] * 3
        window[axis] = int(section[0, axis])
        for a, start, stop in zip(across, low, high, strict=True):
            window[a] = slice(int(start), int(stop))
        vein = prediction.vein_probability[tuple(window)] >= vein_threshold * SCALE
        area = _vein_area(vein, place - low)
        fractions.append(len(section) / area)
        areas.append(area)
    if not fractions:
        return Filling(0.0, Occlusion.UNDETERMINED)
    fraction = float(np.mean(fractions))
    if np.median(areas) < SMALLEST_SECTION:
        return Filling(fraction, Occlusion.UNDETERMINED)
    filled = np.median(fractions) >= OCCLUSIVE_FRACTION
    return Filling(fraction, Occlusion.OCCLUSIVE if filled else Occlusion.PARTIAL)


def key_voxel(indices: Indices, probability: NDArray[np.uint8]) -> Indices:
    """(3,) the voxel to look at: on the slice with the most thrombus probability, the voxel nearest to
    that slice's probability-weighted centre.

    indices: (n, 3) with n at least 1; probability: (n,) of these voxels. Of slices that show it nearly
    as well (within 2 %), the one nearest to the thrombus's middle.
    """
    weights = probability.astype(np.float64) + 1e-6
    first = int(indices[:, 0].min())
    totals = np.bincount(indices[:, 0] - first, weights=weights)
    good = np.flatnonzero(totals >= 0.98 * totals.max())
    middle = np.average(indices[:, 0] - first, weights=weights)
    best = good[int(np.abs(good - middle).argmin())]
    on = indices[:, 0] == first + best
    shown, weight = indices[on], weights[on]
    centre = (shown * weight[:, None]).sum(axis=0) / weight.sum()
    nearest: Indices = shown[int(((shown - centre) ** 2).sum(axis=1).argmin())]
    return nearest


def _sections(indices: Indices, axis: int) -> Iterator[Indices]:
    order = np.argsort(indices[:, axis], kind="stable")
    ordered = indices[order]
    cuts = np.flatnonzero(np.diff(ordered[:, axis])) + 1
    for section in np.split(ordered, cuts):
        if len(section):
            yield section


def _parts(place: Indices) -> Iterator[Indices]:
    from scipy import ndimage

    low = place.min(axis=0)
    mask = np.zeros(place.max(axis=0) - low + 1, dtype=bool)
    mask[tuple((place - low).T)] = True
    labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
    for number in range(1, count + 1):
        yield np.argwhere(labels == number)


def _feret(place: Indices, spacing: NDArray[np.float64]) -> float:
    """Largest distance between edge midpoints of the pixels of one part."""
    from scipy.spatial import ConvexHull
    from scipy.spatial.distance import pdist

    steps = np.array([(-0.5, 0), (0.5, 0), (0, -0.5), (0, 0.5)])
    points = (place[:, None, :] + steps[None]).reshape(-1, 2) * spacing
    hull = points[ConvexHull(points).vertices]
    return float(pdist(hull).max())


def _vein_area(vein: NDArray[np.bool_], thrombus: Indices) -> int:
    from scipy import ndimage

    mask = vein.copy()
    mask[tuple(thrombus.T)] = True
    labels, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    touched = np.unique(labels[tuple(thrombus.T)])
    return int(np.isin(labels, touched).sum())
