"""What a study measures, one slice in memory at a time: for data figures and matched splits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import deep_mask
from deepvein.cohorts.cache import derived_path, load, store
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.moments import Moments
from deepvein.cohorts.opening import OpenCase, open_case
from deepvein.core.errors import CohortError
from deepvein.core.progress import Progress, silent

GENERATION = 2
"""Raised when the same files come to other statistics."""

_BESIDE_MM = 8.0
"""How far beside a vein its surroundings are measured: beyond the wall of a wide vein."""

_NUMBERS = (
    "slices",
    "vein_slices",
    "positive_slices",
    "vein_ml",
    "thrombus_ml",
    "thrombus_extent_mm",
    "coverage_mm",
    "contrast",
    "minimum",
    "maximum",
)


@dataclass(frozen=True)
class CaseStatistics:
    """One case in numbers; 0 where there is nothing or where a mask is missing.

    slices: of the stack. vein_slices, positive_slices: slices that show a deep vein, a thrombus.
    thrombus_extent_mm: from the lowest to the highest thrombus voxel along the body, one voxel included.
    coverage_mm: extent of the stack along the body. contrast: mean of open deep veins minus the median
    of what lies 8 mm beside them, in the image's unit. intensity: moments of all voxels.
    """

    case: str
    patient: str
    slices: float
    vein_slices: float
    positive_slices: float
    vein_ml: float
    thrombus_ml: float
    thrombus_extent_mm: float
    coverage_mm: float
    contrast: float
    minimum: float
    maximum: float
    intensity: Moments

    @property
    def prevalence(self) -> float:
        """Share of the slices that show a thrombus."""
        return self.positive_slices / self.slices


def case_statistics(case: Case, cache: Path) -> CaseStatistics:
    """The statistics of a case, from the folder `cache` if its files were measured before."""
    path = derived_path(case, cache, "statistics", GENERATION)
    stored = load(path, ("numbers", "intensity"))
    if stored is None:
        numbers, intensity = _measure(open_case(case, cache))
        stored = [numbers, np.array([intensity.count, intensity.mean, intensity.sd])]
        store(path, dict(zip(("numbers", "intensity"), stored, strict=True)))
    named = dict(zip(_NUMBERS, stored[0].tolist(), strict=True))
    count, mean, sd = stored[1].tolist()
    return CaseStatistics(
        case=case.case, patient=case.patient, intensity=Moments(int(count), mean, sd), **named
    )


def cohort_statistics(cohort: Cohort, progress: Progress = silent) -> tuple[CaseStatistics, ...]:
    """The statistics of all cases, in the cohort's order."""
    measured = []
    for done, case in enumerate(cohort):
        progress("study statistics", done, len(cohort))
        measured.append(case_statistics(case, cohort.cache))
    progress("study statistics", len(cohort), len(cohort))
    return tuple(measured)


def annotation_frequency(
    cohort: Cohort,
    size: tuple[int, int],
    mask: Callable[[OpenCase], NDArray[Any] | None],
    progress: Progress = silent,
) -> NDArray[np.float64]:
    """Share of all slices in which each pixel is marked, (rows, columns) = `size`.

    mask: which (slice, row, column) array of a case is counted where it is not 0; None counts as empty.
    A slice of another size is reduced to `size` by nearest neighbours. CohortError for no case.
    """
    if not cohort.cases:
        raise CohortError("the annotation frequency needs at least one case")
    marked, slices = np.zeros(size, dtype=np.int64), 0
    for done, case in enumerate(cohort):
        progress("annotation frequency", done, len(cohort))
        opened = open_case(case, cohort.cache)
        slices += opened.image.grid.shape[0]
        array = mask(opened)
        if array is not None:
            rows, columns = (
                ((np.arange(n) + 0.5) * have / n).astype(int)
                for n, have in zip(size, array.shape[1:], strict=True)
            )
            for plane in array:
                marked += plane[np.ix_(rows, columns)] > 0
    frequency: NDArray[np.float64] = marked / slices
    return frequency


def _measure(case: OpenCase) -> tuple[NDArray[np.float64], Moments]:
    grid = case.image.grid
    intensity, least, most = Moments(0, 0.0, 0.0), np.inf, -np.inf
    vein_slices = positive_slices = vein_voxels = thrombus_voxels = 0
    inside, beside = Moments(0, 0.0, 0.0), [np.zeros(0)]
    along = np.zeros(grid.shape[grid.body_axis], dtype=bool)
    for index in range(grid.shape[0]):
        plane = np.asarray(case.image.array[index])
        intensity = intensity.merged(Moments.of(plane))
        least, most = min(least, float(plane.min())), max(most, float(plane.max()))
        empty = np.zeros(plane.shape, dtype=np.uint8)
        segments = (
            empty if case.segments is None else np.asarray(case.segments.array[index], np.uint8)
        )
        thrombus = empty > 0 if case.thrombi is None else np.asarray(case.thrombi.array[index]) > 0
        veins = deep_mask(segments)
        if veins.any():
            vein_slices += 1
            vein_voxels += int(veins.sum())
            opened = veins & ~thrombus
            inside = inside.merged(Moments.of(plane[opened]))
            beside.append(_beside(plane, opened, (segments > 0) | thrombus, grid.spacing_mm[1:]))
        if thrombus.any():
            positive_slices += 1
            thrombus_voxels += int(thrombus.sum())
            hit = np.any(thrombus, axis=2 - grid.body_axis) if grid.body_axis else index
            along[hit] = True
    around = np.concatenate(beside)
    contrast = inside.mean - float(np.median(around)) if inside.count and len(around) else 0.0
    marked, step = np.flatnonzero(along), grid.spacing_mm[grid.body_axis]
    extent = (marked[-1] - marked[0] + 1) * step if len(marked) else 0.0
    voxel = grid.voxel_volume_ml
    numbers = (
        grid.shape[0],
        vein_slices,
        positive_slices,
        vein_voxels * voxel,
        thrombus_voxels * voxel,
        extent,
        len(along) * step,
        contrast,
        least,
        most,
    )
    return np.array(numbers, dtype=np.float64), intensity


def _beside(
    plane: NDArray[Any],
    veins: NDArray[np.bool_],
    vessels: NDArray[np.bool_],
    spacing_mm: tuple[float, float],
) -> NDArray[np.float64]:
    """Values 8 mm before, behind, left and right of vein pixels, where no vessel lies; some 100 a slice."""
    rows, columns = np.nonzero(veins)
    keep = slice(None, None, max(1, len(rows) // 25))
    rows, columns = rows[keep], columns[keep]
    down, across = (max(1, round(_BESIDE_MM / mm)) for mm in spacing_mm)
    rows = np.concatenate([rows - down, rows + down, rows, rows])
    columns = np.concatenate([columns] * 2 + [columns - across, columns + across])
    inside = (rows >= 0) & (rows < plane.shape[0]) & (columns >= 0) & (columns < plane.shape[1])
    rows, columns = rows[inside], columns[inside]
    free = ~vessels[rows, columns]
    values: NDArray[np.float64] = plane[rows[free], columns[free]].astype(np.float64)
    return values
