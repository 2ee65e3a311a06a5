"""The masks that reports show: deep veins, and thrombi by number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import UsageError
from deepvein.findings.screening import Screening
from deepvein.inference.prediction import SCALE
from deepvein.volumes.volume import Volume
from deepvein.volumes.zeros import sparse_zeros

VEIN_THRESHOLD = (SCALE + 1) // 2
"""Deep veins are shown where their probability is at least one half."""

VEIN_TABLE = (np.arange(SCALE + 1) >= VEIN_THRESHOLD).astype(np.uint8)
"""(256,) 1 for each probability that is shown."""


def vein_mask(screening: Screening) -> NDArray[np.uint8]:
    """1 where a deep vein is more likely than not, (slice, row, column); all 0 without a prediction."""
    return (vein_probability(screening).array >= VEIN_THRESHOLD).view(np.uint8)


def vein_probability(screening: Screening) -> Volume:
    """Deep veins in steps of 1/255 on the study's grid; nowhere any without a prediction."""
    grid, prediction = screening.study.volume.grid, screening.prediction
    if prediction is None:
        return Volume(sparse_zeros(grid.shape), grid)
    return Volume(prediction.vein_probability, grid)


def thrombus_labels(screening: Screening) -> NDArray[np.uint8]:
    """The number of the finding at each voxel, 0 where there is none, (slice, row, column)."""
    labels = sparse_zeros(screening.study.volume.grid.shape)
    for finding in screening.findings:
        if finding.number > np.iinfo(np.uint8).max:
            raise UsageError(
                f"a mask holds at most 255 thrombi, got one with the number {finding.number}"
            )
        labels[tuple(finding.indices.T)] = finding.number
    return labels
