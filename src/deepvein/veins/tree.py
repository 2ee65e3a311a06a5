"""The deep veins of a patient: what a prediction shows of them, found once and handed on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.inference.prediction import SCALE, Prediction, likely_voxels
from deepvein.studies.study import Study
from deepvein.veins.course import Course, VeinVoxels, trace
from deepvein.veins.naming import nearest_segments
from deepvein.veins.opacification import Opacification, Visibility, opacification, visibility
from deepvein.veins.side import Midline, midline
from deepvein.veins.stations import Coverage, coverage
from deepvein.volumes.volume import Volume

VEIN = 0.5
"""Probability from which on a voxel belongs to a vein, be it blood or thrombus."""

OPEN = 0.1
"""Probability of thrombus up to which a voxel of a vein counts as open blood."""


@dataclass(frozen=True, eq=False)
class VeinTree:
    """The deep veins of one study.

    midline: between the patient's sides. territories: segment values on a coarse grid, as in Prediction.
    coverage: the stations that are shown. courses: the veins in order along the blood's way, each with
    the number of the course it drains into. opacification, visibility: by side and station.
    """

    midline: Midline
    territories: Volume
    coverage: Coverage
    courses: tuple[Course, ...]
    opacification: tuple[Opacification, ...]
    visibility: tuple[Visibility, ...]

    def way(self, number: int) -> tuple[int, ...]:
        """Numbers of the courses that blood passes from course `number`, itself first, to the upper end."""
        passed = [number]
        while (into := self.courses[passed[-1]].drains_into) is not None:
            passed.append(into)
        return tuple(passed)


def vein_tree(prediction: Prediction, study: Study) -> VeinTree:
    """The vein tree of a study; without courses, stations or measurements where no vein was found."""
    middle = midline(study)
    return VeinTree(
        midline=middle,
        territories=prediction.territories,
        coverage=coverage(prediction.territories),
        courses=trace(_voxels(prediction, study, middle), prediction.grid),
        opacification=opacification(study, prediction, middle),
        visibility=visibility(prediction, middle),
    )


def _voxels(prediction: Prediction, study: Study, middle: Midline) -> VeinVoxels:
    vein = likely_voxels(prediction.vein_probability, VEIN)
    thrombus = likely_voxels(prediction.thrombus_probability, VEIN)
    shape = prediction.grid.shape
    flat = np.union1d(*(np.ravel_multi_index(tuple(one.T), shape) for one in (vein, thrombus)))
    indices: NDArray[np.int64] = np.stack(np.unravel_index(flat, shape), axis=1)
    points, place = prediction.grid.to_world(indices), tuple(indices.T)
    is_open = prediction.thrombus_probability[place] <= OPEN * SCALE
    return VeinVoxels(
        indices=indices,
        segments=nearest_segments(points, prediction.territories),
        sides=middle.sides(points),
        signal=np.where(is_open, study.volume.array[place].astype(np.float64), np.nan),
    )
