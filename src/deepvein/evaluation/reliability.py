"""Whether probabilities mean what they say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepvein.core.errors import CohortError
from deepvein.evaluation.scores import binary, numbers

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Reliability:
    """Bins of equal width over [0, 1] that hold a case: edges (n, 2), mean probability (n,), observed
    frequency (n,), count (n,); and Brier score: mean squared error of the probabilities, 0 is best."""

    edges: Float
    mean_probability: Float
    frequency: Float
    counts: NDArray[np.int64]
    brier: float

    @property
    def expected_error(self) -> float:
        """Expected calibration error: |frequency - mean probability|, weighted by count, 0 is best."""
        gaps = np.abs(self.frequency - self.mean_probability)
        return float(np.average(gaps, weights=self.counts))


def reliability(probability: ArrayLike, truth: ArrayLike, bins: int = 10) -> Reliability:
    """Calibration of (n,) probabilities against (n,) truth (0 or 1), n at least 1.

    Raises CohortError for no case, no bin, lengths that differ or values outside [0, 1].
    """
    if bins < 1:
        raise CohortError(f"calibration needs one bin or more, got {bins}")
    p = numbers(probability).ravel()
    y = binary(truth)
    if not len(p) or len(p) != len(y):
        raise CohortError(
            f"calibration needs as many probabilities ({len(p)}) as truths ({len(y)})"
        )
    if not ((p >= 0) & (p <= 1)).all():
        raise CohortError("probabilities must lie within 0 and 1")
    place = np.minimum((p * bins).astype(int), bins - 1)
    counts = np.bincount(place, minlength=bins)
    held = np.flatnonzero(counts)
    return Reliability(
        edges=np.stack([held, held + 1], axis=1) / bins,
        mean_probability=np.bincount(place, weights=p, minlength=bins)[held] / counts[held],
        frequency=np.bincount(place, weights=y, minlength=bins)[held] / counts[held],
        counts=counts[held],
        brier=float(np.mean((p - y) ** 2)),
    )
