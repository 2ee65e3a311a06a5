"""How well one mask agrees with another, voxel by voxel.

Empty masks, one rule for all: if neither mask holds a voxel every score is 1 (nothing to find, nothing
claimed); otherwise a ratio whose denominator is 0 is 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import MaskError
from deepvein.volumes.grid import Grid


@dataclass(frozen=True)
class Overlap:
    """Voxel counts of a prediction against a reference, from which the scores follow. Sums pool studies."""

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    def __add__(self, other: Overlap) -> Overlap:
        return Overlap(
            self.true_positives + other.true_positives,
            self.false_positives + other.false_positives,
            self.false_negatives + other.false_negatives,
            self.true_negatives + other.true_negatives,
        )

    @property
    def dice(self) -> float:
        """Dice similarity coefficient 2TP / (2TP + FP + FN) (Huang 2019, Eq. 2)."""
        both = 2 * self.true_positives
        return self._share(both, both + self.false_positives + self.false_negatives)

    @property
    def precision(self) -> float:
        """TP / (TP + FP) (Huang 2019, Eq. 3)."""
        return self._share(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        """TP / (TP + FN), the sensitivity (Huang 2019, Eq. 4)."""
        return self._share(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def specificity(self) -> float:
        """TN / (TN + FP); 1 if the reference has no background."""
        negatives = self.true_negatives + self.false_positives
        return self.true_negatives / negatives if negatives else 1.0

    @property
    def foreground_iou(self) -> float:
        """Intersection over union of the foreground, never above Dice."""
        wrong = self.false_positives + self.false_negatives
        return self._share(self.true_positives, self.true_positives + wrong)

    @property
    def background_iou(self) -> float:
        """Intersection over union of the background; 1 if neither mask has any."""
        union = self.true_negatives + self.false_positives + self.false_negatives
        return self.true_negatives / union if union else 1.0

    @property
    def two_class_iou(self) -> float:
        """Mean of foreground and background IoU: about 0.5 for a mask that finds nothing."""
        return (self.foreground_iou + self.background_iou) / 2

    def _share(self, part: int, whole: int) -> float:
        if self.true_positives + self.false_positives + self.false_negatives == 0:
            return 1.0
        return part / whole if whole else 0.0


def overlap(prediction: NDArray[np.bool_], reference: NDArray[np.bool_]) -> Overlap:
    """Counts of two boolean masks of the same shape, read one plane of the first axis at a time.

    Raises MaskError if the shapes differ, and for other numbers: which labels agree they do not say.
    """
    require_same_shape(prediction, reference)
    for mask in (prediction, reference):
        if mask.dtype != np.bool_:
            raise MaskError(
                f"masks of {mask.dtype} cannot be compared: give True and False, such as mask > 0"
            )
    both = predicted = true = 0
    for p, r in zip(np.atleast_2d(prediction), np.atleast_2d(reference), strict=True):
        both += int(np.count_nonzero(p & r))
        predicted += int(np.count_nonzero(p))
        true += int(np.count_nonzero(r))
    return Overlap(both, predicted - both, true - both, reference.size - predicted - true + both)


def volume_error_ml(
    prediction: NDArray[np.bool_], reference: NDArray[np.bool_], grid: Grid
) -> float:
    """Predicted minus true volume; positive where too much was marked."""
    require_same_shape(prediction, reference)
    more = int(np.count_nonzero(prediction)) - int(np.count_nonzero(reference))
    return more * grid.voxel_volume_ml


def require_same_shape(prediction: NDArray[np.bool_], reference: NDArray[np.bool_]) -> None:
    """MaskError unless both masks lie on grids of one shape."""
    if prediction.shape != reference.shape:
        raise MaskError(
            f"masks of shape {prediction.shape} and {reference.shape} cannot be compared: "
            "resample one onto the grid of the other"
        )
