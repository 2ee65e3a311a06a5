"""Valves of veins: where they stand and how the vein bulges behind their cusps.

How often and where: common femoral 51 %, external iliac 42 %, deep femoral 88 %, femoral 100 %, popliteal
93 % of limbs, none in the common iliac vein (Sun and Zhang, Vasc Surg 1990, 100 limbs); femoral vein 1 to
6, among them one within 3 cm below the mouth of the deep femoral vein, popliteal 0 to 4, one near the
adductor hiatus, common femoral within 5 cm of the inguinal ligament (Moore, J Anat 2011, 476 limbs);
great saphenous 8.7, of which 6.3 above the knee (20 limbs, Las Palmas). In calf veins every 20 to 40 mm,
in the small saphenous every 40 mm; a sinus is about a fifth wider than its vein and twice as long as
the vein is wide (M).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deepvein.anatomy.veins import VeinSegment
from deepvein.core.seeds import generator
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.tube import Tube

_SEG = VeinSegment


@dataclass(frozen=True)
class Valve:
    """A sinus around z_mm: the radii grow by the share `bulge` over `length_mm`."""

    z_mm: float
    bulge: float
    length_mm: float


@dataclass(frozen=True)
class _Row:
    """Valves of a segment between two heights in parts of its length (0 caudal, 1 cranial)."""

    low: float
    high: float
    spacing_mm: float
    present: float


# The valve at a place (low == high) is present in the share of limbs given; rows repeat at a spacing.
_ROWS: dict[VeinSegment, tuple[_Row, ...]] = {
    _SEG.EXTERNAL_ILIAC: (_Row(0.1, 0.4, 0, 0.42),),
    _SEG.COMMON_FEMORAL: (_Row(0.6, 0.95, 0, 0.51),),
    _SEG.DEEP_FEMORAL: (_Row(0.93, 0.97, 0, 0.88), _Row(0.2, 0.85, 60, 0.8)),
    _SEG.FEMORAL: (_Row(0.89, 0.97, 0, 0.9), _Row(0.02, 0.85, 85, 0.85)),
    _SEG.POPLITEAL: (_Row(0.85, 0.97, 0, 0.85), _Row(0.1, 0.75, 80, 0.6)),
    _SEG.ANTERIOR_TIBIAL: (_Row(0.03, 0.97, 30, 0.95),),
    _SEG.POSTERIOR_TIBIAL: (_Row(0.03, 0.97, 25, 0.95),),
    _SEG.PERONEAL: (_Row(0.03, 0.97, 30, 0.95),),
    _SEG.GASTROCNEMIUS: (_Row(0.2, 0.95, 30, 0.9),),
    _SEG.SOLEAL: (_Row(0.2, 0.95, 25, 0.9),),
    _SEG.GREAT_SAPHENOUS: (
        _Row(0.985, 0.995, 0, 0.95),
        _Row(0.5, 0.96, 70, 0.95),
        _Row(0.05, 0.5, 165, 1),
    ),
    _SEG.SMALL_SAPHENOUS: (_Row(0.05, 0.97, 40, 0.9),),
}


def sample_valves(
    seed: int, name: str, segment: VeinSegment, low_mm: float, high_mm: float, radius_mm: float
) -> tuple[Valve, ...]:
    """The valves of a vein between two heights, from below; none in the veins without."""
    rng = generator(seed, "anatomy", "valves", name)
    length = high_mm - low_mm
    out = []
    for row in _ROWS.get(segment, ()):
        start, end = low_mm + row.low * length, low_mm + row.high * length
        places = [draw.uniform(rng, start, end)]
        if row.spacing_mm:
            gap = row.spacing_mm
            places = [start + draw.uniform(rng, 0.0, 0.5) * gap]
            while places[-1] + 0.5 * gap < end:
                places.append(places[-1] + gap * draw.uniform(rng, 0.7, 1.3))
        for z in places:
            there, bulge = draw.chance(rng, row.present), draw.normal(rng, 0.2, 0.06, 0.06, 0.36)
            wide = radius_mm * draw.uniform(rng, 3.4, 5.0)
            if there and z < end + 1:
                out.append(Valve(round(z, 3), bulge, round(max(wide, 5.0), 3)))
    return tuple(sorted(out, key=lambda valve: valve.z_mm))


def bulged(tube: Tube, valves: Sequence[Valve]) -> Tube:
    """The tube with its sinuses; the same tube without valves."""
    if not valves:
        return tube
    factor = np.ones(len(tube.nodes))
    for valve in valves:
        s = 2 * (tube.z_mm - valve.z_mm) / valve.length_mm
        inside = np.maximum(0.0, 1 - s * s)
        factor += valve.bulge * inside * inside
    nodes = tube.nodes.copy()
    nodes[:, 2:4] *= factor[:, None]
    return Tube(tube.low_mm, np.round(nodes, 6), tube.oblique)
