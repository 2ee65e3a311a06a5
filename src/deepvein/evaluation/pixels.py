"""Every pixel as a case of its own: exact ROC and overlap of any number of pixels, in 4 kB or 1 MB.

Scores are bytes (probabilities, p = value / 255) or 16-bit whole numbers, so that how many background and
foreground pixels have each value says all that can be said: curves, areas, and the overlap at any
threshold. A study is tallied slice by slice and studies add up; nothing is sampled, and 10⁹ pixels take no
more memory than one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import MaskError, SettingsError
from deepvein.evaluation.curves import PrecisionRecall, Roc, Tally, precision_recall, roc
from deepvein.evaluation.metrics import Overlap

LEVELS = {np.dtype(np.uint8): 1 << 8, np.dtype(np.uint16): 1 << 16}
"""How many values the scores of each type have."""


def _empty() -> NDArray[np.int64]:
    return np.zeros((2, LEVELS[np.dtype(np.uint8)]), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class PixelTally:
    """counts: (2, 256 or 65,536) pixels of the background and of the foreground with each score (p = value
    over the largest, or any other level that rises with it). Tallies of as many levels add up; an empty one
    counts nothing."""

    counts: NDArray[np.int64] = field(default_factory=_empty)

    def __post_init__(self) -> None:
        if self.counts.shape not in [(2, levels) for levels in LEVELS.values()]:
            raise MaskError(
                f"a tally of pixels has shape (2, 256) or (2, 65536), got {self.counts.shape}"
            )

    @classmethod
    def of(cls, scores: NDArray[np.uint8 | np.uint16], truth: NDArray[np.bool_]) -> PixelTally:
        """From arrays of one shape, read one plane of the first axis at a time.

        MaskError if their shapes differ, or for scores that are neither uint8 nor uint16.
        """
        if scores.shape != truth.shape:
            raise MaskError(
                f"scores of shape {scores.shape} and masks of {truth.shape} do not belong together"
            )
        levels = LEVELS.get(scores.dtype)
        if levels is None:
            raise MaskError(
                f"scores are bytes or 16-bit whole numbers (uint8, uint16), got {scores.dtype}"
            )
        counts = np.zeros((2, levels), dtype=np.int64)
        for plane, true in zip(np.atleast_2d(scores), np.atleast_2d(truth), strict=True):
            foreground = np.bincount(plane[true], minlength=levels)
            counts[1] += foreground
            counts[0] += np.bincount(plane.ravel(), minlength=levels) - foreground
        return cls(counts)

    def __add__(self, other: PixelTally) -> PixelTally:
        if self.levels != other.levels:
            raise MaskError(
                f"tallies of {self.levels} and of {other.levels} levels cannot be added; take scores of one "
                "type"
            )
        return PixelTally(self.counts + other.counts)

    @property
    def levels(self) -> int:
        return len(self.counts[0])

    @property
    def pixels(self) -> int:
        return int(self.counts.sum())

    @property
    def tally(self) -> Tally:
        """The same as `evaluation.curves` takes it."""
        return Tally(np.arange(self.levels) / (self.levels - 1), self.counts[1], self.counts[0])

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

    @property
    def auroc_error(self) -> float:
        """How far the AUROC of the numbers that were rounded to these levels can lie from `auroc`, at most.

        Rounding that keeps the order only joins pixels that were apart: each tied pair counts half and
        would count 0 or 1. NaN without foreground or background.
        """
        negatives, positives = self.counts.astype(np.float64)
        pairs = negatives.sum() * positives.sum()
        return float(negatives @ positives / pairs / 2) if pairs else float("nan")

    def overlap(self, threshold: float = 0.5) -> Overlap:
        """The confusion of masks that hold every pixel of probability `threshold`, (0, 1], or more."""
        if not 0 < threshold <= 1:
            raise SettingsError(f"a threshold lies above 0 and up to 1, got {threshold}")
        first = int(np.ceil(threshold * (self.levels - 1) - 1e-9))
        below, above = self.counts[:, :first].sum(1), self.counts[:, first:].sum(1)
        return Overlap(int(above[1]), int(above[0]), int(below[1]), int(below[0]))


def concordance(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """(study, study) pairs of a foreground pixel of the first and a background pixel of the second study of
    which the former has the higher score; ties count half.

    counts: (study, 2, level) as `PixelTally` has them. The sum of all over the number of pairs is the AUROC
    of the pooled pixels, so that studies can be drawn again and again (`statistics.bootstrap_many`) without
    counting a pixel twice.
    """
    used = counts.any(axis=(0, 1))
    background, foreground = (counts[:, part, used].astype(np.float64) for part in (0, 1))
    below = np.cumsum(background, axis=1) - background / 2
    pairs: NDArray[np.float64] = foreground @ below.T
    return pairs
