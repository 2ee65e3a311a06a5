"""The vessels of a real pair of legs in one study: courses as in the tables, sizes by chance."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from deepvein.anatomy.veins import VeinSegment
from deepvein.laboratory.second_opinion.legs.canvas import Frame
from deepvein.laboratory.second_opinion.legs.courses import Course, Vessel
from deepvein.laboratory.second_opinion.legs.curves import Float, along, ramp, wander
from deepvein.laboratory.second_opinion.real.stations import VOXEL_MM
from deepvein.laboratory.second_opinion.real.tables import JOINT, MIDDLE, Points, RealLeg

_V = VeinSegment

_RADII: dict[VeinSegment, tuple[float, float]] = {
    _V.POSTERIOR_TIBIAL: (0.9, 1.7),
    _V.PERONEAL: (1.1, 2.1),
    _V.ANTERIOR_TIBIAL: (0.7, 1.2),
    _V.SOLEAL: (1.2, 2.6),
    _V.GASTROCNEMIUS: (1.0, 2.0),
    _V.GREAT_SAPHENOUS: (1.2, 2.4),
    _V.SMALL_SAPHENOUS: (0.9, 1.8),
}
"""In mm; paired veins of the calf are 2 to 4 mm wide, those of muscles and saphenous veins 2 to 5."""

_MAIN_MM = (1.6, 4.6)
_MIDDLE_MM = 3.1
"""Popliteal veins of adults: 6 mm wide, 3 to 9."""

_ARTERY_MM = (2.6, 3.5)
_CALF_ARTERY_MM = (0.9, 1.3)
_SMOOTH_MM = 7.0
_TAPER_MM = 10.0


@dataclass(frozen=True)
class Pose:
    """How the legs lie in a study. turn: radians; lean: mm aside (x, y) per mm along the legs; mirrored:
    left is right."""

    turn: float
    lean: tuple[float, float]
    mirrored: bool

    def placed(self, column: ArrayLike, row: ArrayLike, level: Float) -> Course:
        """x to the left, y to the back in mm, of places in the stack at heights above the joint."""
        u = (np.asarray(column) - MIDDLE[0]) * VOXEL_MM[2] * (1 if self.mirrored else -1)
        v = (MIDDLE[1] - np.asarray(row)) * VOXEL_MM[1]
        c, s = np.cos(self.turn), np.sin(self.turn)
        return c * u - s * v + self.lean[0] * level, s * u + c * v + self.lean[1] * level

    def found(self, x: Float, y: Float, level: float) -> tuple[Float, Float]:
        """Rows and columns of the stack that are seen at places of one height: `placed` turned round."""
        a, b = x - self.lean[0] * level, y - self.lean[1] * level
        c, s = np.cos(self.turn), np.sin(self.turn)
        u, v = (c * a + s * b) * (1 if self.mirrored else -1), c * b - s * a
        return MIDDLE[1] - v / VOXEL_MM[1], MIDDLE[0] + u / VOXEL_MM[2]


@dataclass(frozen=True, eq=False)
class _Way:
    """Draws along what was seen."""

    rng: np.random.Generator
    frame: Frame
    pose: Pose

    def wander(self, length_mm: float, sd: float) -> Float:
        return wander(self.rng, self.frame.level, length_mm, sd)

    def course(self, points: Points) -> Course:
        from scipy.ndimage import gaussian_filter1d

        level = self.frame.level
        column, row = along(points, JOINT + level / VOXEL_MM[0])
        x, y = self.pose.placed(column, row, level)
        smooth = _SMOOTH_MM / abs(level[1] - level[0])
        x, y = (gaussian_filter1d(one, smooth, mode="nearest") for one in (x, y))
        return x + self.wander(30, 0.4), y + self.wander(30, 0.4)

    def vessel(self, course: Course, points: Points, radius: float | Float, flat: float) -> Vessel:
        """Between the ends of `points`, thinner towards either."""
        level = self.frame.level
        low, high = (VOXEL_MM[0] * (points[end][0] - JOINT) for end in (0, -1))
        ends = np.minimum(level - low, high - level)
        wide = radius * (1 + self.wander(25, 0.08))
        wide = np.where(ends > 0, wide * (0.35 + 0.65 * ramp(ends / _TAPER_MM)), 0.0)
        aspect = np.clip(flat * (1 + self.wander(30, 0.12)), 1, 2.2)
        return Vessel(
            course, np.maximum(wide, 0), aspect, self.wander(50, 0.9) + self.rng.uniform(0, 3)
        )


def vessels(rng: np.random.Generator, frame: Frame, pose: Pose, leg: RealLeg) -> list[Vessel]:
    """All of one leg that the frame shows, the main artery and the main vein first."""
    way = _Way(rng, frame, pose)
    out = _trunk(way, leg)
    for bundle in leg.bundles:
        out += _bundle(way, bundle.points, bundle.segment)
    for seen in leg.veins:
        if seen.segment is None:
            continue
        radius = rng.uniform(*_RADII[seen.segment])
        vein = way.vessel(way.course(seen.points), seen.points, radius, rng.uniform(1, 1.3))
        out.append(replace(vein, segment=seen.segment, sheath=0.6 if seen.segment.is_deep else 1.5))
    return [one for one in out if one.radius.any()]


def _trunk(way: _Way, leg: RealLeg) -> list[Vessel]:
    """The femoral and popliteal artery and vein, moved apart where both would not find room."""
    rng, level = way.rng, way.frame.level
    thick = rng.uniform(*_ARTERY_MM) * (1 + 0.0006 * level)
    wide = np.clip(_MIDDLE_MM * np.exp(rng.normal(0, 0.22)), *_MAIN_MM) * (1 + 0.0005 * level)
    artery, vein = way.course(leg.artery), way.course(leg.vein)
    dx, dy = (v - a for v, a in zip(vein, artery, strict=True))
    apart = np.maximum(np.hypot(dx, dy), 0.5)
    lacking = np.clip(thick + 1.12 * wide + 1.2 - apart, 0, None) / apart / 2
    artery = artery[0] - lacking * dx, artery[1] - lacking * dy
    vein = vein[0] + lacking * dx, vein[1] + lacking * dy
    # In the fossa and the canal both run in fat; below, muscles are close by.
    fat = np.interp(level, [-20, 15], [0.8, 2.2])
    red = way.vessel(artery, leg.artery, thick, 1.0)
    blue = way.vessel(vein, leg.vein, wide, rng.uniform(1.05, 1.4))
    return [
        replace(red, artery=True, sheath=float(np.median(fat)), wall=0.9),
        replace(blue, segment=_V.POPLITEAL, sheath=float(np.median(fat)), wall=0.5),
    ]


def _bundle(way: _Way, points: Points, segment: VeinSegment | None) -> list[Vessel]:
    """An artery between two veins."""
    rng = way.rng
    if segment is None:
        return []
    thick = rng.uniform(*_CALF_ARTERY_MM)
    middle = way.course(points)
    red = way.vessel(middle, points, thick, 1.0)
    out = [replace(red, artery=True, sheath=0.7)]
    angle = rng.normal(0.5, 0.5) + way.wander(45, 0.4)
    for side in (0.0, np.pi):
        radius = rng.uniform(*_RADII[segment])
        far = thick + radius + 0.4
        course = middle[0] + far * np.cos(angle + side), middle[1] + far * np.sin(angle + side)
        vein = way.vessel(course, points, radius, 1.15)
        out.append(replace(vein, segment=segment, sheath=0.7))
    return out
