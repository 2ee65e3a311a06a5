"""Whether the deep veins, or the arteries beside them, carry contrast medium at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side
from deepvein.inference.second_reader.sections import sections
from deepvein.inference.second_reader.way import STEP_MM, Way
from deepvein.studies.soft_tissue import soft_tissue
from deepvein.studies.study import Modality, Study
from deepvein.veins.stations import Coverage

_SIZE, _PIXEL_MM = 28, 0.9
_BONE_HU, _BONE_REACH = 250.0, 2
_AIR_HU = -1000.0


OPACIFIED_HU = 30.0
"""CT: so far an opacified vessel stands above the soft tissue beside it. Without contrast medium tendons and
lymph nodes lie 20 HU above muscle (phantoms: 28 HU in one of twenty levels), unenhanced blood (30 to 60 HU)
below it; the arteries of a study taken too early or too late lie 40 HU above. Ours."""

OPACIFIED_RATIO = 1.5
"""MR: an opacified vessel's signal over the tissue's. About 2.0 to 2.3 is expected at equilibrium; without a
contrast agent 1.3 was measured in a real water image of both legs. Ours."""

ARTERY_MM = 12.0
"""A vein's artery lies at most this far from its middle."""

BLUR_PX = 1.2
"""Standard deviation of the smoothing that keeps noise from counting."""


def enhanced_share(study: Study, shown: Coverage, ways: Sequence[Way]) -> float:
    """Of the levels of the body with a deep vein's territory, the share at which an opacified vessel lies
    in or beside a followed vein, [0, 1]; 0 where none is followed.

    A thrombosed vein counts through its artery, which contrast medium reaches before the veins.
    """
    expected = _levels_shown(shown)
    if not len(expected):
        return 0.0
    left = expected
    for way in ways:
        asked = way.seen & np.isin(way.levels, left)
        found = contrast(study, way.points_mm[asked], way.side) >= 0
        left = np.setdiff1d(left, way.levels[asked][found])
    return 1.0 - len(left) / len(expected)


def contrast(study: Study, points_mm: NDArray[np.float64], side: Side) -> NDArray[np.float64]:
    """(n,) how far the brightest vessel round each of (n, 3) points of a vein stands above what counts as
    opacified: Hounsfield units (CT) or a ratio (MR), negative where none does."""
    from scipy.ndimage import gaussian_filter, maximum_filter

    ct = study.modality is Modality.CT
    picture = sections(study.volume, points_mm, side, _SIZE, _PIXEL_MM, _AIR_HU if ct else 0.0)
    if ct:
        picture = np.clip(picture, -200, 1500)
    smooth = gaussian_filter(picture, (0, BLUR_PX, BLUR_PX))
    if ct:
        hard = maximum_filter(picture >= _BONE_HU, (1, 2 * _BONE_REACH + 1, 2 * _BONE_REACH + 1))
        smooth[hard] = _AIR_HU
    offset = (np.arange(_SIZE) - (_SIZE - 1) / 2) * _PIXEL_MM
    near = offset[:, None] ** 2 + offset**2 <= ARTERY_MM**2
    brightest = smooth[:, near].max(axis=1)
    tissue = np.array([soft_tissue(plane, study.modality) for plane in smooth])
    if ct:
        above: NDArray[np.float64] = brightest - tissue - OPACIFIED_HU
        return above
    ratio: NDArray[np.float64] = brightest / np.maximum(tissue, 1e-6) - OPACIFIED_RATIO
    return ratio


def _levels_shown(shown: Coverage) -> NDArray[np.int64]:
    """The levels within the stations that the study shows."""
    levels = [
        np.arange(int(np.ceil(low / STEP_MM)), int(high // STEP_MM) + 1)
        for low, high in shown.shown.values()
    ]
    return np.unique(np.concatenate(levels)) if levels else np.zeros(0, dtype=np.int64)
