"""The ways of vessels: wandering, clear of bones, within the fascia or under the skin, into one another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.anatomy.veins import VeinSegment
from deepvein.laboratory.second_opinion.legs.canvas import Frame, Tube
from deepvein.laboratory.second_opinion.legs.curves import Float, Single, ramp, wander
from deepvein.laboratory.second_opinion.legs.shapes import ANGLES, Shapes

Course = tuple[Float, Float]
"""x and y in every slice."""

HIATUS = 100.0
"""The level above which the popliteal vein is called the femoral vein."""

_CLEAR_MM = 2.2
_PUSHES = 12


@dataclass(frozen=True, eq=False)
class Vessel:
    """A vessel: radius (slices,), 0 where there is none; aspect: width over depth of its section; turn:
    radians. segment: of a vein that is looked at; None of arteries and nameless veins. doubled: runs
    beside the main vein of its name. sheath, wall: mm of fat and of wall round it."""

    course: Course
    radius: Float
    aspect: Float
    turn: Float
    artery: bool = False
    segment: VeinSegment | None = None
    doubled: bool = False
    sheath: float = 0.0
    wall: float = 0.0

    @property
    def tube(self) -> Tube:
        """Its lumen."""
        wide = np.sqrt(self.aspect)
        return Tube(*self.course, self.radius * wide, self.radius / wide, self.turn)


@dataclass(frozen=True)
class Reach:
    """The levels that a vessel runs between; towards either it narrows over `taper` mm."""

    low: float = -500.0
    high: float = 500.0
    taper: float = 12.0


@dataclass(frozen=True, eq=False)
class Courses:
    """Draws courses in one leg."""

    rng: np.random.Generator
    frame: Frame
    form: Shapes

    @property
    def level(self) -> Float:
        return self.frame.level

    def wander(self, length_mm: float, sd: float) -> Float:
        return wander(self.rng, self.level, length_mm, sd)

    def wandering(self, course: Course, length_mm: float, sd: float) -> Course:
        """The course, less straight."""
        return course[0] + self.wander(length_mm, sd), course[1] + self.wander(length_mm, sd)

    def vessel(
        self,
        course: Course,
        radius: float | Float,
        reach: Reach = Reach(),
        aspect: float = 1.0,
    ) -> Vessel:
        """A vessel whose radius and section change a little along it."""
        level = self.level
        wide = radius * (1 + self.wander(25, 0.07))
        ends = np.minimum(level - reach.low, reach.high - level)
        wide = np.where(ends > 0, wide * (0.35 + 0.65 * ramp(ends / reach.taper)), 0.0)
        flat = np.clip(aspect * (1 + self.wander(30, 0.12)), 1, 2.2)
        turn = self.wander(50, 0.9) + self.rng.uniform(0, 3)
        return Vessel(course, np.maximum(wide, 0), flat, turn)

    def clear(self, course: Course, radius: float | Float) -> Course:
        """Pushed out of bones and into the fascia until the vessel fits."""
        from scipy.ndimage import gaussian_filter1d

        x, y = course[0].copy(), course[1].copy()
        slice_mm = self.frame.spacing_mm[0]
        wide = max(1.0, 5 / slice_mm)
        for _ in range(_PUSHES):
            for edge, outwards in ((self.form.bone, 1.0), (self.form.fascia, -1.0)):
                lacking = np.clip(radius + _CLEAR_MM - outwards * self.frame.at(edge, x, y), 0, 3)
                if not lacking.any():
                    continue
                push_x, push_y = self._away(edge, x, y)
                # Neighbours are pushed along, or the vessel would have steps.
                lacking = np.maximum(gaussian_filter1d(lacking, wide), 0.7 * lacking)
                x += lacking * gaussian_filter1d(outwards * push_x, wide)
                y += lacking * gaussian_filter1d(outwards * push_y, wide)
        smooth = max(0.6, 3 / slice_mm)
        return gaussian_filter1d(x, smooth), gaussian_filter1d(y, smooth)

    def _away(self, edge: Single, x: Float, y: Float) -> Course:
        """Unit vectors along which the distance from an edge grows."""
        at = self.frame.at
        dx = at(edge, x + 0.8, y) - at(edge, x - 0.8, y)
        dy = at(edge, x, y + 0.8) - at(edge, x, y - 0.8)
        size = np.hypot(dx, dy) + 1e-6
        return dx / size, dy / size

    def into(
        self, course: Course, parent: Vessel, level: float, over_mm: float, below: bool = True
    ) -> Course:
        """The course bent so that it meets its parent at `level`, coming from below it or from above."""
        before = self.level - level if below else level - self.level
        part = ramp((before + over_mm) / over_mm)
        x, y = (
            one + (there - one) * part for one, there in zip(course, parent.course, strict=True)
        )
        return x, y

    def under_skin(self, angle: Float, depth: Float) -> Course:
        """Round the leg at `angle` (radians), `depth` of the way from the fascia to the skin."""
        from scipy.ndimage import gaussian_filter1d

        place = np.mod(angle + np.pi, 2 * np.pi) / (2 * np.pi) * ANGLES
        number, slices = place.astype(np.int64) % ANGLES, np.arange(len(angle))
        far = self.form.fascia_at[slices, number] + depth * self.form.fat_at[slices, number]
        goal_x, goal_y = far * np.cos(angle), far * np.sin(angle)
        # The outline was read at bent places: find the place that is bent onto the goal.
        x, y = goal_x.copy(), goal_y.copy()
        for _ in range(4):
            bend_x, bend_y = (self.frame.at(bend, x, y) for bend in self.form.bend)
            x, y = goal_x - 0.8 * bend_x, goal_y - 0.8 * bend_y
        smooth = 3 / self.frame.spacing_mm[0]
        return gaussian_filter1d(x, smooth), gaussian_filter1d(y, smooth)
