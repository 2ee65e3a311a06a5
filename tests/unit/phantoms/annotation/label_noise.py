"""How far drawn labels lie from the exact ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import deep_mask
from deepvein.volumes.volume import Volume

Labels = NDArray[np.uint8]


@dataclass(frozen=True)
class LabelNoise:
    """Drawn labels of one study held against the exact ones; NaN where there is nothing to compare.

    vein_dice, thrombus_dice: over all voxels of deep veins, of thrombi. vein_contour_dice,
    thrombus_contour_dice: only where a vein or thrombus was drawn in a slice at all, as two readers are
    compared. veins_drawn: share of the deep veins (by segment and side) that were drawn somewhere.
    slices_drawn: share of the slices with deep veins in which one was drawn. thrombi_drawn: share of the
    thrombi. thrombus_slices_drawn: share of the slices with thrombus that stay positive.
    """

    vein_dice: float
    vein_contour_dice: float
    veins_drawn: float
    slices_drawn: float
    thrombus_dice: float
    thrombus_contour_dice: float
    thrombi_drawn: float
    thrombus_slices_drawn: float


def label_noise(exact: tuple[Volume, Volume], drawn: tuple[Volume, Volume]) -> LabelNoise:
    """Compare (segments, thrombi) with (segments, thrombi) on one grid."""
    veins = [
        np.where(deep_mask(pair[0].array), pair[0].array, np.uint8(0)) for pair in (exact, drawn)
    ]
    clots = [pair[1].array for pair in (exact, drawn)]
    vein_dice, vein_contour, veins_drawn, slices_drawn = _compared(*veins)
    dice, contour, found, positive = _compared(*clots)
    return LabelNoise(
        vein_dice=vein_dice,
        vein_contour_dice=vein_contour,
        veins_drawn=veins_drawn,
        slices_drawn=slices_drawn,
        thrombus_dice=dice,
        thrombus_contour_dice=contour,
        thrombi_drawn=found,
        thrombus_slices_drawn=positive,
    )


def _compared(exact: Labels, drawn: Labels) -> tuple[float, float, float, float]:
    """Dice, Dice where something was drawn, share of labels drawn, share of slices drawn."""
    true, said, both = (
        _counts(labels) for labels in (exact, drawn, np.where(exact == drawn, exact, 0))
    )
    union = np.count_nonzero((exact > 0) & (drawn > 0))
    kept = said > 0
    return (
        _ratio(2 * union, true.sum() + said.sum()),
        _ratio(2 * both[kept].sum(), true[kept].sum() + said[kept].sum()),
        _ratio(np.count_nonzero(said.any(axis=0) & true.any(axis=0)), true.any(axis=0).sum()),
        _ratio(np.count_nonzero(said.any(axis=1) & true.any(axis=1)), true.any(axis=1).sum()),
    )


def _counts(labels: NDArray[np.integer]) -> NDArray[np.int64]:
    """(slice, label): voxels of each label, background left out."""
    place = np.nonzero(labels)
    flat = place[0] * 256 + labels[place].astype(np.int64)
    return np.bincount(flat, minlength=labels.shape[0] * 256).reshape(-1, 256)


def _ratio(part: float | np.integer, whole: float | np.integer) -> float:
    return float(part) / float(whole) if whole else float("nan")
