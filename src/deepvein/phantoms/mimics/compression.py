"""Veins flattened from without: by the iliac artery, the bladder, a mass, the table."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from deepvein.anatomy.veins import Side
from deepvein.core.seeds import generator
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.tube import Tube
from deepvein.phantoms.vessels.vascular_tree import AXIS, Vessels

_CROSSING_T = 2.84
"""Where the right common iliac artery crosses the left common iliac vein."""


@dataclass(frozen=True)
class Compression:
    """A stretch of a vein that is flattened; `flattening` of its short axis is lost in the middle."""

    vessel: str
    centre_mm: float
    length_mm: float
    flattening: float

    def apply(self, tube: Tube) -> Tube:
        """The flattened tube: its perimeter stays roughly as it was, so it grows wider."""
        s = 2 * (tube.z_mm - self.centre_mm) / self.length_mm
        bump = np.where(np.abs(s) < 1, (1 - s * s) ** 2, 0.0)
        nodes = tube.nodes.copy()
        short = np.where(nodes[:, 2] <= nodes[:, 3], 2, 3)
        rows = np.arange(len(nodes))
        nodes[rows, short] *= 1 - self.flattening * bump
        nodes[rows, 5 - short] *= 1 + 0.25 * self.flattening * bump
        return Tube(tube.low_mm, np.round(nodes, 6), tube.oblique)


def sample_compressions(
    seed: int, frame: Frame, vessels: Vessels, left_iliac: float, elsewhere: float
) -> tuple[Compression, ...]:
    """Compression of the left common iliac vein, and of any other deep vein.

    The left common iliac vein is flat by a third where the artery crosses it in everybody; what is lost
    here is lost of the rest, so that more than half is gone.
    """
    out = []
    rng = generator(seed, "distractor", "compression", "iliac")
    present = draw.chance(rng, left_iliac)
    z = float(frame.z(_CROSSING_T)) + draw.normal(rng, 0, 4, -8, 8)
    one = Compression(
        "left common iliac", round(z, 3), draw.uniform(rng, 28, 60), draw.uniform(rng, 0.3, 0.7)
    )
    out += [one] if present else []
    rng = generator(seed, "distractor", "compression", "elsewhere")
    present = draw.chance(rng, elsewhere)
    side = draw.choose(rng, (Side.LEFT, Side.RIGHT), (1, 1))
    name = draw.choose(rng, AXIS, (2.0, 1.0, 1.5, 2.5, 1.0))
    tube = vessels.by_name[f"{side.value} {name}"].tube
    z = tube.low_mm + draw.uniform(rng, 0.2, 0.8) * (tube.high_mm - tube.low_mm)
    one = Compression(
        f"{side.value} {name}",
        round(z, 3),
        draw.uniform(rng, 25, 90),
        draw.uniform(rng, 0.4, 0.8),
    )
    return (*out, one) if present else tuple(out)


def compressed(vessels: Vessels, compressions: tuple[Compression, ...]) -> Vessels:
    """The vessels with their flattened stretches."""
    out = []
    for vessel in vessels.all:
        tube = vessel.tube
        for one in compressions:
            tube = one.apply(tube) if one.vessel == vessel.name else tube
        out.append(vessel if tube is vessel.tube else replace(vessel, tube=tube))
    return Vessels(tuple(out))
