"""The voxels of the deep veins: gathered once, for everything that is measured along them."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from deepvein.inference.prediction import SCALE, Prediction, likely_voxels
from deepvein.studies.study import Study
from deepvein.veins.naming import Naming

VEIN = 0.5
"""Probability from which on a voxel belongs to a vein, be it blood or thrombus."""

OPEN = 0.1
"""Probability of thrombus up to which a voxel of a vein counts as open blood."""


@dataclass(frozen=True, eq=False)
class VeinVoxels:
    """Voxels of the deep veins, open or thrombosed.

    indices: (n, 3) distinct, in array order; points_mm: (n, 3) their LPS centres; segments: (n,) values,
    0 unnamed; sides: (n,) RIGHT, UNSIDED or LEFT; vein, thrombus: (n,) probabilities in bytes; signal:
    (n,) what the study shows, Hounsfield units for CT.
    """

    indices: NDArray[np.int64]
    points_mm: NDArray[np.float64]
    segments: NDArray[np.uint8]
    sides: NDArray[np.int8]
    vein: NDArray[np.uint8]
    thrombus: NDArray[np.uint8]
    signal: NDArray[np.float64]

    def part(self, chosen: NDArray[np.bool_]) -> VeinVoxels:
        """The voxels at which (n,) `chosen` is True."""
        return VeinVoxels(*(getattr(self, one.name)[chosen] for one in fields(self)))

    @property
    def is_open(self) -> NDArray[np.bool_]:
        """(n,) True where there is blood and no thrombus."""
        return self.thrombus <= OPEN * SCALE


def vein_voxels(prediction: Prediction, study: Study, naming: Naming) -> VeinVoxels:
    """What is likely vein or thrombus in a prediction on the study's grid."""
    indices = likely_voxels((prediction.vein_probability, prediction.thrombus_probability), VEIN)
    points, place = prediction.grid.to_world(indices), tuple(indices.T)
    segments = naming.segments(points)
    return VeinVoxels(
        indices=indices,
        points_mm=points,
        segments=segments,
        sides=naming.sides(points, segments),
        vein=prediction.vein_probability[place],
        thrombus=prediction.thrombus_probability[place],
        signal=study.volume.array[place].astype(np.float64),
    )
