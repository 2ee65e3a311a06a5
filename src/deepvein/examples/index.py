"""Where a case's thrombi, veins and body lie, found in one pass over its masks and cached."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import deep_mask
from deepvein.cohorts.cache import derived_path, load, store
from deepvein.cohorts.case import Case
from deepvein.cohorts.opening import OpenCase, open_case
from deepvein.core.seeds import generator
from deepvein.examples.settings import ExampleSettings

GENERATION = 4
"""Raised when the same files come to another index."""

_VOXELS_A_LABEL = 4000
"""Voxels kept of each thrombus and each vein segment: enough to centre patches everywhere."""
_DARKEST = 0.2
"""Share of a vein segment's slices that count as dark."""
_BODY_VOXELS = 4000
_BODY_STEP = 8
"""Every eighth slice, row and column is looked at for the body."""


@dataclass(frozen=True, eq=False)
class VoxelIndex:
    """Random voxels of one case: (n, 3) int16 (slice, row, column), with (n,) labels where they differ.

    thrombi: with instance numbers. veins: deep veins with their encoded segments; dark: (n,) which of
    them lie in that fifth of their segment's slices where its mean intensity is lowest, slices with a
    thrombus in it left out. superficial: as veins. body: what is not air. positive: (slices,) whether a
    slice shows a thrombus.
    """

    thrombi: NDArray[np.int16]
    thrombi_labels: NDArray[np.uint8]
    veins: NDArray[np.int16]
    veins_labels: NDArray[np.uint8]
    dark: NDArray[np.bool_]
    superficial: NDArray[np.int16]
    superficial_labels: NDArray[np.uint8]
    body: NDArray[np.int16]
    positive: NDArray[np.bool_]


def voxel_index(case: Case, cache: Path) -> VoxelIndex:
    """The index of a case, from the folder `cache` if it was made from the same files before."""
    path = derived_path(case, cache, "index", GENERATION)
    names = [field.name for field in fields(VoxelIndex)]
    stored = load(path, names)
    if stored is not None:
        return VoxelIndex(*stored)
    made = _make(open_case(case, cache))
    store(path, {name: getattr(made, name) for name in names})
    return made


def index_case(case: Case, cache: Path, settings: ExampleSettings) -> None:
    """Make the index of a case for later."""
    voxel_index(case, cache)


def index_labels(case: Case, cache: Path, settings: ExampleSettings) -> None:
    """The same where slices are labelled by it."""
    if settings.classifies:
        voxel_index(case, cache)


def _make(case: OpenCase) -> VoxelIndex:
    random = generator(0, "voxel index", case.case.case)
    slices, _, columns = case.image.grid.shape
    thrombi, veins, superficial = (_Reservoir(random, columns) for _ in range(3))
    positive = np.zeros(slices, dtype=bool)
    intensity = np.full((slices, 256), np.nan)
    for index in range(slices):
        clots = np.zeros(0, np.int64)
        if case.thrombi is not None:
            clots, labels = _marked(case.thrombi.array[index])
            positive[index] = len(clots) > 0
            thrombi.add(index, clots, labels)
        if case.segments is not None:
            flat, labels = _marked(case.segments.array[index])
            deep = deep_mask(labels)
            veins.add(index, flat[deep], labels[deep])
            superficial.add(index, flat[~deep], labels[~deep])
            shown = case.image.array[index].ravel()[flat[deep]]
            intensity[index] = _means(shown, labels[deep], np.isin(flat[deep], clots))
    voxels, labels = veins.drawn()
    dark = _dark(intensity)[voxels[:, 0], labels]
    return VoxelIndex(
        *thrombi.drawn(), voxels, labels, dark, *superficial.drawn(), _body(case, random), positive
    )


def _means(
    values: NDArray[Any], labels: NDArray[np.uint8], thrombosed: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """(256,) mean value of each label, nan for one that is absent or holds a thrombus."""
    voxels = np.bincount(labels, minlength=256)
    means = np.full(256, np.nan)
    free = (voxels > 0) & (np.bincount(labels, thrombosed, minlength=256) == 0)
    means[free] = np.bincount(labels, values, minlength=256)[free] / voxels[free]
    return means


def _dark(intensity: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(slices, 256) where a label's mean is among its darkest, of (slices, 256) means or nan."""
    dark = np.zeros(intensity.shape, dtype=bool)
    for label in np.flatnonzero(np.isfinite(intensity).any(axis=0)):
        means = intensity[:, label]
        dark[:, label] = means <= np.nanquantile(means, _DARKEST)
    return dark


def _marked(plane: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Flat positions and labels of what is not 0 in a slice."""
    # Truth values are searched several times faster than bytes.
    flat = np.flatnonzero(plane != 0)
    return flat, np.asarray(plane).ravel()[flat].astype(np.uint8)


class _Reservoir:
    """Collects labelled voxels slice by slice and thins them to a number a label at the end.

    Within a slice at most a fixed number of voxels a label is kept, so that memory stays small.
    """

    def __init__(self, random: np.random.Generator, columns: int, a_slice: int = 64) -> None:
        self.random, self.columns, self.a_slice = random, columns, a_slice
        self.found: dict[int, list[NDArray[np.int16]]] = {}

    def add(self, index: int, flat: NDArray[np.int64], labels: NDArray[np.uint8]) -> None:
        for label in np.unique(labels):
            chosen = flat[labels == label]
            if len(chosen) > self.a_slice:
                chosen = self.random.choice(chosen, self.a_slice, replace=False)
            rows, columns = np.divmod(chosen, self.columns)
            voxels = np.stack([np.full_like(rows, index), rows, columns], axis=1).astype(np.int16)
            self.found.setdefault(int(label), []).append(voxels)

    def drawn(self) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
        """(n, 3) voxels and (n,) labels; both empty if nothing was found."""
        voxels, labels = [np.zeros((0, 3), np.int16)], [np.zeros(0, np.uint8)]
        for label, parts in sorted(self.found.items()):
            every = np.concatenate(parts)
            if len(every) > _VOXELS_A_LABEL:
                every = every[self.random.choice(len(every), _VOXELS_A_LABEL, replace=False)]
            voxels.append(every)
            labels.append(np.full(len(every), label, np.uint8))
        return np.concatenate(voxels), np.concatenate(labels)


def _body(case: OpenCase, random: np.random.Generator) -> NDArray[np.int16]:
    """Voxels brighter than halfway between the image's darkest and its mean value, on a coarse grid."""
    coarse = np.asarray(
        case.image.array[::_BODY_STEP, ::_BODY_STEP, ::_BODY_STEP], dtype=np.float32
    )
    threshold = (float(coarse.min()) + float(coarse.mean())) / 2
    voxels = np.argwhere(coarse > threshold) * _BODY_STEP
    if len(voxels) > _BODY_VOXELS:
        voxels = voxels[random.choice(len(voxels), _BODY_VOXELS, replace=False)]
    return voxels.astype(np.int16)
