"""The vessels of a person, grown along the courses of the reference adult."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import DEFAULT, PopulationSettings
from deepvein.phantoms.shapes.tube import Tube
from deepvein.phantoms.vessels import courses
from deepvein.phantoms.vessels.leg import Leg
from deepvein.phantoms.vessels.spacing import kept_apart
from deepvein.phantoms.vessels.vessel import AXIS, Vessel, Vessels

__all__ = ["AXIS", "Vessel", "Vessels", "grow"]

_BOTH = (Side.RIGHT, Side.LEFT)
_JOIN_MM = 35.0
_WALLS_MM = 0.25
"""Least distance between the lumens of an artery and a vein."""
_LARGE = (
    VeinSegment.POPLITEAL,
    VeinSegment.FEMORAL,
    VeinSegment.COMMON_FEMORAL,
    VeinSegment.EXTERNAL_ILIAC,
    VeinSegment.COMMON_ILIAC,
    VeinSegment.INFERIOR_VENA_CAVA,
)


def grow(frame: Frame, settings: PopulationSettings = DEFAULT) -> Vessels:
    """The vessels of the frame's person; which limbs have doubled veins is drawn from their shares."""
    out: list[Vessel] = []
    for side in _BOTH:
        out += Leg(frame, side, settings).vessels()
    size = frame.person.size
    cava = frame.tube(courses.VENA_CAVA, Side.MIDLINE, frame.person.vein_calibre * size, True)
    out.append(Vessel("IVC", Side.MIDLINE, VeinSegment.INFERIOR_VENA_CAVA, cava))
    out.append(
        Vessel("aorta", Side.MIDLINE, None, frame.tube(courses.AORTA, Side.MIDLINE, size, True))
    )
    # Unnamed veins first: what they run into is painted over them.
    out = sorted(_side_by_side(out), key=lambda vessel: not vessel.unnamed_vein)
    by_name = {vessel.name: vessel for vessel in out}
    return Vessels(tuple(_joined(vessel, by_name) for vessel in out))


def _side_by_side(vessels: list[Vessel]) -> list[Vessel]:
    """Arteries beside the large veins rather than in them."""
    large = [v for v in vessels if v.segment in _LARGE]

    def moved(vessel: Vessel) -> Vessel:
        tube = vessel.tube
        for vein in large:
            if not vessel.is_vein and vein.side in (vessel.side, Side.MIDLINE):
                tube = kept_apart(tube, vein.tube, _WALLS_MM)
        return vessel if tube is vessel.tube else replace(vessel, tube=tube)

    return [moved(vessel) for vessel in vessels]


def _joined(vessel: Vessel, by_name: dict[str, Vessel]) -> Vessel:
    """A tributary bent over its last centimetres so that it ends in the middle of what it joins."""
    into = by_name.get(vessel.drains_into)
    if into is None or vessel.name.split(" ", 1)[-1] in AXIS:
        return vessel
    tube, end = vessel.tube, vessel.tube.high_mm
    centre = into.tube.centre([min(max(end, into.tube.low_mm), into.tube.high_mm)])[0]
    reach = min(_JOIN_MM, 0.5 * (end - tube.low_mm))
    part = np.clip(1 - (end - tube.z_mm) / reach, 0, 1)
    nodes = tube.nodes.copy()
    nodes[:, :2] += (part * part * (3 - 2 * part))[:, None] * (centre - nodes[-1, :2])
    return replace(vessel, tube=Tube(tube.low_mm, np.round(nodes, 6), tube.oblique))
