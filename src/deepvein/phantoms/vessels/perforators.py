"""Veins without a segment's name: perforators and the tributaries of the great saphenous vein.

Perforators lead from the saphenous system through the fascia into the deep veins: Cockett's at 70 to 90
and 100 to 120 mm above the ankle, the paratibial ones at 180 to 220, 230 to 270 and 280 to 320 mm; a
quarter is wider than 2 mm (Mozes, J Vasc Surg 1996, 40 limbs). Those of the thigh lie along the femoral
canal; one from the small saphenous vein reaches the soleal veins (M).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from deepvein.anatomy.veins import Side
from deepvein.core.seeds import generator
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.tube import STEP_MM, Float, Tube
from deepvein.phantoms.vessels.vessel import Vessel

# Name, from, into, lowest and highest mouth (mm above the ankle, or t where below 4), present (M).
_PERFORATORS: tuple[tuple[str, str, str, float, float, float], ...] = (
    ("Cockett perforator 2", "posterior arch", "posterior tibial 2", 70, 90, 0.9),
    ("Cockett perforator 3", "posterior arch", "posterior tibial 1", 100, 120, 0.9),
    ("paratibial perforator 1", "great saphenous", "posterior tibial 2", 180, 220, 0.7),
    ("paratibial perforator 2", "great saphenous", "posterior tibial 1", 230, 270, 0.8),
    ("paratibial perforator 3", "great saphenous", "posterior tibial 2", 280, 310, 0.7),
    ("soleal perforator", "small saphenous", "soleal lateral", 0.5, 0.6, 0.6),
    ("femoral canal perforator 1", "great saphenous", "femoral", 1.36, 1.46, 0.7),
    ("femoral canal perforator 2", "great saphenous", "femoral", 1.52, 1.64, 0.5),
)
_SLOPE = 1.1
"""Millimetres that a perforator rises for each that it runs inwards."""


def perforators_of(frame: Frame, side: Side, veins: Mapping[str, Vessel]) -> list[Vessel]:
    """The perforators of a leg between the `veins`, whose names carry no side here."""
    out = []
    for name, start, into, low, high, present in _PERFORATORS:
        rng = generator(frame.person.seed, "anatomy", "perforators", side.value, name)
        there, place = draw.chance(rng, present), draw.uniform(rng, low, high)
        # Diameters: median 1.5 mm, a quarter above 2 mm.
        radius = 0.5 * draw.lognormal(rng, 1.5, 0.43, 0.8, 3.4)
        source = veins.get(start) or veins["great saphenous"]
        if not there:
            continue
        top = float(frame.z(place)) if high < 4 else place * frame.person.tibia_mm / 400.0
        tube = _between(source.tube, veins[into].tube, top, radius)
        target = f"{side.value} {into}"
        out.append(Vessel(f"{side.value} {name}", side, None, tube, target, 0.4, unnamed_vein=True))
    return out


def _between(source: Tube, target: Tube, top_mm: float, radius_mm: float) -> Tube:
    """A vein that leaves `source` and rises to `target` at `top_mm`, level in the fat, steep below it."""
    end = target.centre([top_mm])[0]
    apart = float(np.hypot(*(source.centre([top_mm])[0] - end)))
    count = max(5, int(_SLOPE * apart / STEP_MM) + 1)
    low = round(top_mm - STEP_MM * (count - 1), 6)
    start = source.centre([low])[0]
    f = np.linspace(0.0, 1.0, count)
    f = f + 0.12 * np.sin(2 * np.pi * f)
    nodes: Float = np.empty((count, 5))
    nodes[:, :2] = start + f[:, None] * (end - start)
    nodes[:, 2:4] = radius_mm
    nodes[:, 4] = 0.0
    return Tube(low, np.round(nodes, 6), oblique=True)
