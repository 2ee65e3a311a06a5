"""How much of two masks' centrelines lies in the other mask."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.evaluation.metrics import require_same_shape
from deepvein.evaluation.skeleton import skeleton


@dataclass(frozen=True)
class CentrelineOverlap:
    """precision: share of the predicted centreline inside the true mask; recall: share of the true
    centreline inside the predicted mask. Both 1 if both masks are empty, 0 if one is."""

    precision: float
    recall: float

    @property
    def cldice(self) -> float:
        """Harmonic mean of both (Shit 2021, CVPR 16560); 0 if both are 0."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def centreline_overlap(
    prediction: NDArray[np.bool_], reference: NDArray[np.bool_]
) -> CentrelineOverlap:
    """How much of each mask's centreline lies in the other mask; both (slice, row, column)."""
    require_same_shape(prediction, reference)
    ours, theirs = skeleton(prediction), skeleton(reference)
    if not len(ours) and not len(theirs):
        return CentrelineOverlap(1.0, 1.0)
    if not len(ours) or not len(theirs):
        return CentrelineOverlap(0.0, 0.0)
    return CentrelineOverlap(
        precision=float(reference[tuple(ours.T)].mean()),
        recall=float(prediction[tuple(theirs.T)].mean()),
    )
