"""The courses of the veins at even heights of the body, as the second reader goes along them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepvein.inference.second_reader.way import STEP_MM, Way
from deepvein.veins.course import STEP_MM as COURSE_STEP_MM
from deepvein.veins.course import Course
from deepvein.veins.naming import Naming
from deepvein.veins.side import majority
from deepvein.volumes.grid import Grid

Float = NDArray[np.float64]

SHORTEST_NEW_MM = 15.0
"""A way shows at least this much that no way before it has shown."""

CONTEXT_MM = 200.0
"""So far a way goes on along what others have shown, to be seen with what it drains into: a little more than
a reader sees from its last new section."""

BEYOND_MM = 18.0
"""So far a way goes straight on past the ends of what is seen: a thrombus there may hide the vein."""

MOST = 30
"""Ways of a study; there are six to twelve veins in a leg."""


class _Stretch(NamedTuple):
    """A course from the point on at which a way enters it."""

    course: int
    begin: int


def ways_along(courses: Sequence[Course], grid: Grid, naming: Naming) -> tuple[Way, ...]:
    """Ways up the courses of a tree within `grid`, those that show most that is new first; () for none.

    Every way begins at the distal end of a course, passes those it drains into, and ends at the upper end
    or CONTEXT_MM after the last that no way before it has passed.
    """
    passed = [_passed(courses, number) for number in range(len(courses))]
    # Of each course what lies before this point is new.
    new_before = [len(course.points_mm) for course in courses]
    left = set(range(len(courses)))
    found: list[Way] = []
    while left and len(found) < MOST:
        new_mm = {n: COURSE_STEP_MM * _new(passed[n], new_before) for n in left}
        best = max(sorted(left), key=lambda n: new_mm[n])
        if new_mm[best] < SHORTEST_NEW_MM:
            break
        left.remove(best)
        points, seen = _line(courses, passed[best], new_mm[best] + CONTEXT_MM)
        for course, begin in passed[best]:
            new_before[course] = min(new_before[course], begin)
        found.append(_way(points, seen, grid, naming))
    return tuple(found)


def _passed(courses: Sequence[Course], number: int) -> list[_Stretch]:
    found = [_Stretch(number, 0)]
    while (into := courses[found[-1].course].drains_into) is not None:
        found.append(_Stretch(into, courses[found[-1].course].joins_at))
    return found


def _new(stretches: Sequence[_Stretch], new_before: Sequence[int]) -> int:
    """How many points of a way no way before it has passed."""
    return sum(max(0, new_before[course] - begin) for course, begin in stretches)


def _line(
    courses: Sequence[Course], stretches: Sequence[_Stretch], longest_mm: float
) -> tuple[Float, NDArray[np.bool_]]:
    """(n, 3) points of a way's courses, one after the other, and where the vein was seen."""
    line = np.concatenate([courses[one.course].points_mm[one.begin :] for one in stretches])
    seen = np.concatenate([courses[one.course].seen[one.begin :] for one in stretches])
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    near = np.append(0.0, np.cumsum(steps)) <= longest_mm
    return line[near], seen[near]


def _way(points: Float, seen: NDArray[np.bool_], grid: Grid, naming: Naming) -> Way:
    # Where a vein turns back down, it is passed on its way up.
    climbing = np.append(True, points[1:, 2] > np.maximum.accumulate(points[:, 2])[:-1])
    points, seen = points[climbing], seen[climbing]
    z = grid.body_positions_mm() / STEP_MM
    low, high = points[0, 2] / STEP_MM, points[-1, 2] / STEP_MM
    beyond = BEYOND_MM / STEP_MM
    first = int(np.ceil(max(z.min(), low - beyond)))
    levels = np.arange(first, max(first, int(min(z.max(), high + beyond))) + 1)
    height = levels * STEP_MM
    centres = np.stack(
        [np.interp(height, points[:, 2], points[:, axis]) for axis in (0, 1)], axis=1
    )
    place = np.abs(height[:, None] - points[None, :, 2]).argmin(axis=1)
    within = np.abs(height - points[place, 2]) <= STEP_MM
    middles = np.column_stack([centres, height])
    segments = naming.segments(middles)
    side = majority(naming.sides(middles, segments))
    return Way(side, levels, centres, seen[place] & within, segments)
