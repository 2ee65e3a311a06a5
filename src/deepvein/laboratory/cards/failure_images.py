"""Small pictures of what a trial got wrong, taken while the study is at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.drawing.views import View, axial, sample
from deepvein.drawing.windows import window_for
from deepvein.findings.finding import Finding
from deepvein.inference.prediction import SCALE, Prediction
from deepvein.studies.study import Study
from deepvein.volumes.grid import Grid

CROP_MM = 90.0
PIXEL_MM = 0.75
MOST = 3
"""Of each kind from one study: the largest missed, the likeliest false."""

Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]


class Failure(Enum):
    """What a model got wrong."""

    MISSED = "missed"
    FALSE = "false finding"


@dataclass(frozen=True, eq=False)
class Snapshot:
    """An axial section of CROP_MM around a failure, patient's right on the left, front up.

    weight: by which failures of a kind are ordered, the worst first: volume in ml of what was missed,
    probability of what is false. grey: (rows, columns) as it is shown, 0 black to 255 white; veins,
    truth: the true deep veins and thrombi there; found: thrombus probability 0.5 or more.
    """

    failure: Failure
    text: str
    weight: float
    z_mm: float
    pixel_mm: float
    grey: Bytes
    veins: Mask
    truth: Mask
    found: Mask


def missed_snapshots(
    missed: Sequence[tuple[int, float, str]],
    study: Study,
    prediction: Prediction,
    veins: Mask,
    thrombi: NDArray[np.integer],
) -> tuple[Snapshot, ...]:
    """Pictures of the MOST largest of the missed thrombi (number, volume in ml, text) where their sections
    are largest; masks and instance map lie on the study's grid."""
    worst = sorted(missed, key=lambda one: -one[1])[:MOST]
    return tuple(
        _snapshot(
            Failure.MISSED, text, volume_ml, _middle(thrombi, number, prediction.grid),
            study, prediction, veins, thrombi,
        )
        for number, volume_ml, text in worst
    )  # fmt: skip


def false_snapshots(
    false: Sequence[Finding],
    study: Study,
    prediction: Prediction,
    veins: Mask,
    thrombi: NDArray[np.integer],
) -> tuple[Snapshot, ...]:
    """Pictures of the MOST likeliest of the false findings."""
    worst = sorted(false, key=lambda finding: -finding.probability)[:MOST]
    return tuple(
        _snapshot(
            Failure.FALSE,
            f"{finding.place}, {finding.volume_ml:.2f} ml, probability {finding.probability:.2f}",
            finding.probability, finding.key_point_mm, study, prediction, veins, thrombi,
        )
        for finding in worst
    )  # fmt: skip


def _snapshot(  # noqa: PLR0913  (each is a choice of the caller, by name)
    failure: Failure,
    text: str,
    weight: float,
    point_mm: Sequence[float],
    study: Study,
    prediction: Prediction,
    veins: Mask,
    thrombi: NDArray[np.integer],
) -> Snapshot:
    view = axial(point_mm, CROP_MM, CROP_MM, PIXEL_MM)
    window = window_for(study.volume, study.modality)
    shown = sample(study.volume, view, window.low)
    scaled = (shown - window.low) / max(window.high - window.low, 1e-6)
    grid = prediction.grid
    return Snapshot(
        failure=failure,
        text=text,
        weight=weight,
        z_mm=float(point_mm[2]),
        pixel_mm=PIXEL_MM,
        grey=(scaled.clip(0, 1) * 255).round().astype(np.uint8),
        veins=_nearest(veins, grid, view) > 0,
        truth=_nearest(thrombi, grid, view) > 0,
        found=_nearest(prediction.thrombus_probability, grid, view) > SCALE // 2,
    )


def _nearest(array: NDArray[Any], grid: Grid, view: View) -> NDArray[Any]:
    """The array's values at the view's points by nearest neighbour, 0 outside."""
    index = np.rint(grid.to_index(view.points_mm)).astype(np.int64)
    inside = ((index >= 0) & (index < array.shape)).all(axis=1)
    values = np.zeros(len(index), dtype=array.dtype)
    values[inside] = array[tuple(index[inside].T)]
    return values.reshape(view.shape)


def _middle(thrombi: NDArray[np.integer], number: int, grid: Grid) -> tuple[float, float, float]:
    """LPS centre of the largest section across the body of one thrombus, one voxel or more."""
    voxels = np.concatenate(
        [
            np.insert(np.argwhere(plane == number), 0, index, axis=1)
            for index, plane in enumerate(thrombi)
            if plane.any()
        ]
    )
    levels = voxels[:, grid.body_axis]
    largest = np.bincount(levels).argmax()
    x, y, z = grid.to_world(voxels[levels == largest]).mean(axis=0).tolist()
    return x, y, z
