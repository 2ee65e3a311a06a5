"""Where a place in the reference leg lies in a person.

Heights are told by the landmark coordinate t: 0 the ankle joint, 1 the knee joint line, 2 the centre of
the femoral head, 3 the iliac crest. Up to t = 2.06 places are given in the leg's frame, u outwards and v
backwards (mm, reference adult) from the leg's axis; above it in the trunk's frame, u outwards from the
midline. In the patient z is 0 at the ankle, x is 0 in the midline, y is 0 in the middle of the trunk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from deepvein.anatomy.veins import Side
from deepvein.phantoms.person.population import Person
from deepvein.phantoms.shapes.tube import STEP_MM, Float, Tube, hermite

LEG_TOP = 2.06
_KNOTS = np.array([-1.0, 0.0, 1.0, 2.0, 3.0, 5.0])

Key = tuple[float, float, float, float, float, float]
"""A keyframe of a tube: t, u, v, r1, r2 (mm) and the angle (degrees) from u towards v."""

# t, distance from the midline, y of the axis: read off the public whole-leg Dixon MR named in the docs.
_AXIS = (
    (0.0, 64.0, 52.0),
    (0.35, 70.0, 46.0),
    (0.7, 77.0, 38.0),
    (1.0, 80.0, 30.0),
    (1.5, 86.0, 18.0),
    (1.8, 93.0, 13.0),
    (2.0, 93.0, 10.0),
    (2.2, 93.0, 8.0),
)


@dataclass(frozen=True)
class Frame:
    """Turns reference places into places in `person`."""

    person: Person

    @cached_property
    def _landmarks(self) -> Float:
        p = self.person
        hip = p.tibia_mm + p.femur_mm
        return np.array(
            [-p.tibia_mm, 0.0, p.tibia_mm, hip, hip + p.pelvis_mm, hip + 3 * p.pelvis_mm]
        )

    def z(self, t: ArrayLike) -> Float:
        """Heights in mm of landmark coordinates between -1 and 5."""
        return np.asarray(np.interp(np.asarray(t, dtype=np.float64), _KNOTS, self._landmarks))

    def t(self, z_mm: ArrayLike) -> Float:
        return np.asarray(np.interp(np.asarray(z_mm, dtype=np.float64), self._landmarks, _KNOTS))

    def axis(self, side: Side, t: ArrayLike) -> tuple[Float, Float, Float, Float]:
        """x, y of the leg's axis, cosine and sine of its outward turn, each of the shape of `t`."""
        p, limb = self.person, self.person.limb(side)
        at = np.atleast_1d(np.asarray(t, dtype=np.float64))
        knots = np.array(_AXIS)
        apart, y = hermite(knots[:, 0], knots[:, 1:], at).T
        free = np.interp(at, (0.0, 1.0, 1.9), (1.0, 0.75, 0.0))
        # Heavy thighs push each other apart.
        apart = apart * (0.5 * p.pelvis_width + 0.5 * p.girth) + limb.apart_mm * free
        apart = apart + 7.0 * (p.fat - 1) * np.interp(
            at, (0, 1, 1.5, 1.9, 2.0), (0.3, 0.5, 1.0, 0.6, 0)
        )
        y = y - p.knee_raise_mm * np.interp(at, (0.0, 0.9, 1.1, 1.9), (0.2, 1.0, 1.0, 0.0))
        turn = np.interp(at, (0.0, 0.9, 1.1, 1.7, 2.0), (1.0, 1.0, 0.6, 0.0, 0.0)) * limb.turn_deg
        turn = (
            turn + np.interp(at, (1.0, 1.5, 1.8, 2.0), (0.0, 1.0, 1.0, 0.0)) * limb.thigh_turn_deg
        )
        angle = np.radians(turn)
        sign = 1.0 if side is Side.LEFT else -1.0
        return sign * apart, y, np.cos(angle), np.sin(angle)

    def scale(self, side: Side) -> float:
        """The factor on places in the leg's frame."""
        return self.person.girth * self.person.limb(side).girth

    def place(self, side: Side, t: ArrayLike, u: ArrayLike, v: ArrayLike) -> tuple[Float, Float]:
        """x, y (mm) of places at landmark coordinates `t`, all of the same shape (n,)."""
        at, u_, v_ = (np.atleast_1d(np.asarray(a, dtype=np.float64)) for a in (t, u, v))
        sign = 1.0 if side is not Side.RIGHT else -1.0
        p = self.person
        trunk_x, trunk_y = sign * u_ * p.pelvis_width, v_ * (0.5 * p.size + 0.5 * p.girth)
        if side is Side.MIDLINE:
            return trunk_x, trunk_y
        x, y, cos, sin = self.axis(side, at)
        g = self.scale(side)
        leg_x, leg_y = x + sign * g * (u_ * cos - v_ * sin), y + g * (u_ * sin + v_ * cos)
        leg = at <= LEG_TOP
        return np.where(leg, leg_x, trunk_x), np.where(leg, leg_y, trunk_y)

    def tube(
        self,
        keys: Sequence[Key],
        side: Side,
        radius_scale: float = 1.0,
        oblique: bool = False,
        shift: Float | None = None,
    ) -> Tube:
        """The tube through keyframes with increasing t.

        shift: (nodes, 2) added to x and y of the nodes, made for `node_count(keys)` nodes.
        """
        table = np.array(keys, dtype=np.float64)
        t = table[:, 0]
        dense = np.unique(
            np.round(np.concatenate([t, np.arange(t[0], min(t[-1], LEG_TOP), 0.04)]), 6)
        )
        local = hermite(t, table[:, 1:], dense)
        trunk = (dense > LEG_TOP) if side is not Side.MIDLINE else np.ones(len(dense), dtype=bool)
        # Between the last key in the leg and the first in the trunk only patient coordinates join.
        keep = ~((dense > t[t <= LEG_TOP].max(initial=-9.0)) & ~trunk) if trunk.any() else ~trunk
        keep |= trunk
        dense, local = dense[keep], local[keep]
        x, y = self.place(side, dense, local[:, 0], local[:, 1])
        _, _, cos, sin = self.axis(side if side is not Side.MIDLINE else Side.LEFT, dense)
        turn = np.where(dense <= LEG_TOP, np.degrees(np.arctan2(sin, cos)), 0.0)
        turn = turn * (0.0 if side is Side.MIDLINE else 1.0)
        angle = local[:, 4] + turn
        angle = np.radians(180 - angle if side is Side.RIGHT else angle)
        nodes_in = np.stack(
            [x, y, local[:, 2] * radius_scale, local[:, 3] * radius_scale, angle], axis=1
        )
        z0, count = self._span(t[0], t[-1])
        nodes = hermite(self.z(dense), nodes_in, z0 + STEP_MM * np.arange(count))
        if shift is not None:
            nodes[:, :2] += shift
        return Tube(z0, np.round(nodes, 6), oblique)

    def node_count(self, keys: Sequence[Key]) -> int:
        return self._span(keys[0][0], keys[-1][0])[1]

    def _span(self, t0: float, t1: float) -> tuple[float, int]:
        low, high = float(self.z(t0)), float(self.z(t1))
        return round(low, 6), max(2, int((high - low) / STEP_MM) + 1)
