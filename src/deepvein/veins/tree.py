"""The deep veins of a patient: what a prediction shows of them, found once and handed on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import VeinSegment
from deepvein.core.errors import GeometryError
from deepvein.inference.prediction import Prediction
from deepvein.inference.second_reader.way import Way
from deepvein.studies.study import Study
from deepvein.veins.course import Course, trace
from deepvein.veins.naming import Naming
from deepvein.veins.opacification import (
    Opacification,
    Visibility,
    opacification,
    seen_share,
    visibility,
)
from deepvein.veins.side import midline
from deepvein.veins.stations import Coverage, coverage
from deepvein.veins.voxels import vein_voxels
from deepvein.veins.ways import ways_along


@dataclass(frozen=True, eq=False)
class VeinTree:
    """The deep veins of one study.

    naming: segment and side of any place. coverage: the stations that are shown. courses: the veins in
    order along the blood's way, each with the number of the course it drains into. ways: the same at
    even levels of the body, from below to the upper end. opacification, visibility: by side and station.
    seen_share: of the levels within the stations, those that show a vein, [0, 1].
    """

    naming: Naming
    coverage: Coverage
    courses: tuple[Course, ...]
    ways: tuple[Way, ...]
    opacification: tuple[Opacification, ...]
    visibility: tuple[Visibility, ...]
    seen_share: float

    @cached_property
    def spans_mm(self) -> dict[VeinSegment, tuple[float, float]]:
        """Lowest and highest LPS z of the courses of each segment, both sides together, cranial first."""
        heights = {
            segment: np.concatenate(
                [c.points_mm[:, 2] for c in self.courses if c.segment is segment]
            )
            for segment in sorted({course.segment for course in self.courses})
        }
        return {segment: (float(z.min()), float(z.max())) for segment, z in heights.items()}

    def passed(self, number: int) -> tuple[int, ...]:
        """Numbers of the courses that blood passes from course `number`, itself first, to the upper end."""
        found = [number]
        while (into := self.courses[found[-1]].drains_into) is not None:
            found.append(into)
        return tuple(found)

    def line_mm(self, number: int) -> NDArray[np.float64]:
        """(n, 3) LPS points that blood passes from the distal end of course `number` to the upper end."""
        course = self.courses[number]
        parts = [course.points_mm]
        while course.drains_into is not None:
            begin = course.joins_at + 1
            course = self.courses[course.drains_into]
            parts.append(course.points_mm[begin:])
        return np.concatenate(parts)


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
    voxels = vein_voxels(prediction, study, naming)
    courses = trace(voxels, prediction.grid)
    return VeinTree(
        naming=naming,
        coverage=shown,
        courses=courses,
        ways=ways_along(courses, prediction.grid, naming),
        opacification=opacification(voxels, study, prediction),
        visibility=visibility(voxels, shown, naming.midline.only),
        seen_share=seen_share(voxels, prediction.grid, shown),
    )
