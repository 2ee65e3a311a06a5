"""The deep veins of a patient: what a prediction shows of them, found once and handed on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import GeometryError
from deepvein.inference.prediction import SCALE, Prediction, likely_voxels
from deepvein.inference.second_reader.way import Way
from deepvein.studies.study import Study
from deepvein.veins.course import Course, VeinVoxels, trace
from deepvein.veins.following import follow
from deepvein.veins.naming import Naming
from deepvein.veins.opacification import Opacification, Visibility, opacification, visibility
from deepvein.veins.side import midline
from deepvein.veins.stations import Coverage, coverage

VEIN = 0.5
"""Probability from which on a voxel belongs to a vein, be it blood or thrombus."""

OPEN = 0.1
"""Probability of thrombus up to which a voxel of a vein counts as open blood."""


@dataclass(frozen=True, eq=False)
class VeinTree:
    """The deep veins of one study.

    naming: segment and side of any place. coverage: the stations that are shown. courses: the veins in
    order along the blood's way, each with the number of the course it drains into. ways: the same at
    even levels of the body, from below to the upper end. opacification, visibility: by side and station.
    """

    naming: Naming
    coverage: Coverage
    courses: tuple[Course, ...]
    ways: tuple[Way, ...]
    opacification: tuple[Opacification, ...]
    visibility: tuple[Visibility, ...]

    def way(self, number: int) -> tuple[int, ...]:
        """Numbers of the courses that blood passes from course `number`, itself first, to the upper end."""
        passed = [number]
        while (into := self.courses[passed[-1]].drains_into) is not None:
            passed.append(into)
        return tuple(passed)


def vein_tree(prediction: Prediction, study: Study) -> VeinTree:
    """The vein tree of a study; without courses, stations or measurements where no vein was found.

    Raises GeometryError if the prediction is not on the study's grid.
    """
    if not prediction.grid.matches(study.volume.grid):
        raise GeometryError(
            f"the prediction (shape {prediction.grid.shape}) does not lie on the study's grid "
            f"(shape {study.volume.grid.shape})"
        )
    naming = Naming(prediction.territories, midline(study))
    shown = coverage(prediction.territories)
    return VeinTree(
        naming=naming,
        coverage=shown,
        courses=trace(_voxels(prediction, study, naming), prediction.grid),
        ways=follow(prediction, naming),
        opacification=opacification(study, prediction, naming),
        visibility=visibility(prediction, naming.midline, shown),
    )


def _voxels(prediction: Prediction, study: Study, naming: Naming) -> VeinVoxels:
    vein = likely_voxels(prediction.vein_probability, VEIN)
    thrombus = likely_voxels(prediction.thrombus_probability, VEIN)
    shape = prediction.grid.shape
    flat = np.union1d(*(np.ravel_multi_index(tuple(one.T), shape) for one in (vein, thrombus)))
    indices: NDArray[np.int64] = np.stack(np.unravel_index(flat, shape), axis=1)
    points, place = prediction.grid.to_world(indices), tuple(indices.T)
    is_open = prediction.thrombus_probability[place] <= OPEN * SCALE
    segments = naming.segments(points)
    return VeinVoxels(
        indices=indices,
        segments=segments,
        sides=naming.sides(points, segments),
        signal=np.where(is_open, study.volume.array[place].astype(np.float64), np.nan),
    )
