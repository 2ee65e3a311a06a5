"""Every pixel as a case of its own: exact ROC and overlap of any number of pixels, in 4 kB.

Probabilities are bytes, so that how many background and foreground pixels have each of the 256 values
says all that can be said: curves, areas, and the overlap at any threshold. A study is tallied slice by
slice and studies add up; nothing is sampled or binned, and 10⁹ pixels take no more memory than one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import MaskError, SettingsError
from deepvein.evaluation.curves import PrecisionRecall, Roc, Tally, precision_recall, roc
from deepvein.evaluation.metrics import Overlap

LEVELS = 256


def _empty() -> NDArray[np.int64]:
    return np.zeros((2, LEVELS), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class PixelTally:
    """counts: (2, 256) pixels of the background and of the foreground with each probability (p = value
    / 255, or any other level that rises with it). Tallies add up; an empty one counts nothing."""

    counts: NDArray[np.int64] = field(default_factory=_empty)

    def __post_init__(self) -> None:
        if self.counts.shape != (2, LEVELS):
            raise MaskError(f"a tally of pixels has shape (2, {LEVELS}), got {self.counts.shape}")

    @classmethod
    def of(cls, probability: NDArray[np.uint8], truth: NDArray[np.bool_]) -> PixelTally:
        """From arrays of one shape, read one plane of the first axis at a time. MaskError if they differ."""
        if probability.shape != truth.shape:
            raise MaskError(
                f"probabilities of shape {probability.shape} and masks of {truth.shape} do not belong "
                "together"
            )
        if probability.dtype != np.uint8:
            raise MaskError(f"probabilities are bytes, got {probability.dtype}")
        counts = _empty()
        for plane, true in zip(np.atleast_2d(probability), np.atleast_2d(truth), strict=True):
            foreground = np.bincount(plane[true], minlength=LEVELS)
            counts[1] += foreground
            counts[0] += np.bincount(plane.ravel(), minlength=LEVELS) - foreground
        return cls(counts)

    def __add__(self, other: PixelTally) -> PixelTally:
        return PixelTally(self.counts + other.counts)

    @property
    def pixels(self) -> int:
        return int(self.counts.sum())

    @property
    def tally(self) -> Tally:
        """The same as `evaluation.curves` takes it."""
        return Tally(np.arange(LEVELS) / (LEVELS - 1), self.counts[1], self.counts[0])

    @property
    def roc(self) -> Roc:
        """CohortError unless there are both foreground and background pixels."""
        return roc(self.tally)

    @property
    def precision_recall(self) -> PrecisionRecall:
        """CohortError without foreground."""
        return precision_recall(self.tally)

    @property
    def auroc(self) -> float:
        """Chance that a foreground pixel lies above a background one, ties half; NaN without either."""
        negatives, positives = self.counts
        return self.roc.area if negatives.any() and positives.any() else float("nan")

    def overlap(self, threshold: float = 0.5) -> Overlap:
        """The confusion of masks that hold every pixel of probability `threshold`, (0, 1], or more."""
        if not 0 < threshold <= 1:
            raise SettingsError(f"a threshold lies above 0 and up to 1, got {threshold}")
        first = int(np.ceil(threshold * (LEVELS - 1) - 1e-9))
        below, above = self.counts[:, :first].sum(1), self.counts[:, first:].sum(1)
        return Overlap(int(above[1]), int(above[0]), int(below[1]), int(below[0]))
