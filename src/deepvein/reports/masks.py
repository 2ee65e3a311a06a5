"""The masks that reports show: deep veins, and thrombi by number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side, VeinSegment, deep_mask, encode
from deepvein.core.errors import UsageError
from deepvein.findings.screening import Screening
from deepvein.inference.prediction import SCALE
from deepvein.veins.side import LEFT
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


def named_veins(screening: Screening) -> NDArray[np.uint8]:
    """The deep veins as encoded segments (`anatomy.veins.encode`), with their thrombi, on the study's grid.

    0 elsewhere, and where no deep vein is named; all 0 without a tree.
    """
    labels = sparse_zeros(screening.study.volume.grid.shape)
    if screening.tree is None:
        return labels
    naming = screening.tree.naming
    shown = np.argwhere((vein_mask(screening) > 0) | (thrombus_labels(screening) > 0))
    points = screening.study.volume.grid.to_world(shown)
    segments = naming.segments(points)
    # The vena cava lies in the midline.
    left = (naming.sides(points, segments) == LEFT) & (segments != VeinSegment.INFERIOR_VENA_CAVA)
    encoded = segments + np.where(left, _LEFT, 0).astype(np.uint8)
    labels[tuple(shown.T)] = np.where(deep_mask(encoded), encoded, 0)
    return labels


_LEFT = np.uint8(encode(VeinSegment.FEMORAL, Side.LEFT) - encode(VeinSegment.FEMORAL, Side.RIGHT))
