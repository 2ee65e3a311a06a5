"""Mean and standard deviation of more voxels than fit into memory."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepvein.cohorts.cache import derived_path, load, store
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import CohortError
from deepvein.core.progress import Progress, silent

GENERATION = 1
"""Raised when the same files come to other moments."""


@dataclass(frozen=True)
class Moments:
    """Count, mean and standard deviation (of the population, not of a sample) of values."""

    count: int
    mean: float
    sd: float

    @classmethod
    def of(cls, values: NDArray[np.generic]) -> Moments:
        """Those of an array; count, mean and SD 0 for an empty one."""
        if not values.size:
            return cls(0, 0.0, 0.0)
        exact = np.asarray(values, dtype=np.float64)
        return cls(int(values.size), float(exact.mean()), float(exact.std()))

    def merged(self, other: Moments) -> Moments:
        """Those of both sets together (Chan, Golub and LeVeque 1983, Eq. 2.1)."""
        count = self.count + other.count
        if not count:
            return self
        gap = other.mean - self.mean
        mean = self.mean + gap * other.count / count
        squares = self.count * self.sd**2 + other.count * other.sd**2
        squares += gap**2 * self.count * other.count / count
        return Moments(count, mean, math.sqrt(squares / count))


def moments_of(planes: Iterable[NDArray[np.generic]]) -> Moments:
    """The moments of all values of an iterable of arrays, one array in memory at a time."""
    total = Moments(0, 0.0, 0.0)
    for plane in planes:
        total = total.merged(Moments.of(plane))
    return total


def training_moments(
    training: Cohort, clip: tuple[float, float] | None = None, progress: Progress = silent
) -> Moments:
    """Mean and SD of all image voxels of the training cases, values clipped first if `clip` is given.

    Reads every slice once; a case that was measured before comes from the cohort's cache. CohortError
    for a cohort without cases.
    """
    if not training.cases:
        raise CohortError("the mean and SD of the training images need at least one case")
    total = Moments(0, 0.0, 0.0)
    for done, case in enumerate(training):
        progress("intensity statistics", done, len(training))
        total = total.merged(case_moments(case, training.cache, clip))
    progress("intensity statistics", len(training), len(training))
    return total


def case_moments(case: Case, cache: Path, clip: tuple[float, float] | None = None) -> Moments:
    """Mean and SD of all image voxels of a case, from the folder `cache` if they were measured before."""
    path = derived_path(case, cache, "moments", GENERATION, clip=clip)
    stored = load(path, ("moments",))
    if stored is None:
        image = open_case(case, cache).image.array
        found = moments_of(plane if clip is None else np.clip(plane, *clip) for plane in image)
        stored = [np.array([found.count, found.mean, found.sd])]
        store(path, {"moments": stored[0]})
    count, mean, sd = stored[0].tolist()
    return Moments(int(count), mean, sd)
