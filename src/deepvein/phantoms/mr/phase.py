"""When the picture is taken: how bright arteries and veins are against each other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from deepvein.core.seeds import generator
from deepvein.phantoms.contrast.contrast import Contrast
from deepvein.phantoms.mr.settings import MrSettings
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.vessels.vascular_tree import Vessels


@dataclass(frozen=True)
class Phase:
    """Factors on the concentration of gadolinium; 1 at equilibrium.

    artery: in arteries; distal, proximal: in veins at the ankle and at the top, linear in between.
    """

    name: str
    artery: float
    distal: float
    proximal: float

    def applied(self, contrast: Contrast, vessels: Vessels) -> Contrast:
        """`contrast` at this time."""
        by_name = vessels.by_name
        levels = {}
        for name, knots in contrast.levels.items():
            vessel = by_name.get(name)
            if vessel is None or vessel.is_vein:
                factor = np.linspace(self.distal, self.proximal, len(knots))
            else:
                factor = np.full(len(knots), self.artery)
            levels[name] = tuple(np.round(np.asarray(knots) * factor, 5).tolist())
        return replace(contrast, levels=levels)


def sample_phase(seed: int, settings: MrSettings) -> Phase:
    """Most studies show the venous phase more or less pure; the shares of the others are settings.

    Early: first pass, arteries carry several times the veins' concentration and blood from the feet has
    not returned. Late: everything is washed out (factors M).
    """
    rng = generator(seed, "acquisition", "phase")
    point = draw.uniform(rng, 0, 1)
    early = Phase(
        "early",
        draw.uniform(rng, 1.5, 4.0),
        draw.uniform(rng, 0.3, 0.8),
        draw.uniform(rng, 0.55, 0.95),
    )
    late = draw.uniform(rng, 0.45, 0.8)
    venous = Phase(
        "venous",
        draw.uniform(rng, 0.7, 1.5),
        draw.uniform(rng, 0.85, 1.1),
        draw.uniform(rng, 0.9, 1.1),
    )
    if point < settings.early_share:
        return early
    if point > 1 - settings.late_share:
        return Phase("late", late, round(late * 0.95, 6), late)
    return venous


_ARTERY_FLOW, _LEAST_FLOW = 0.05, 0.25


def without_contrast(contrast: Contrast, vessels: Vessels) -> Contrast:
    """What a spin echo sees of the blood before contrast medium: voids in arteries and in the large, fast
    veins, signal in small, slow ones. Levels are parts of the still blood's signal (M)."""
    by_name = vessels.by_name
    levels = {}
    for name, knots in contrast.levels.items():
        vessel = by_name.get(name)
        if vessel is not None and not vessel.is_vein:
            level = _ARTERY_FLOW
        elif vessel is None:
            level = 0.6
        else:
            calibre = float(np.median(vessel.tube.nodes[:, 2:4]))
            level = round(min(max(1.1 - 0.16 * calibre, _LEAST_FLOW), 0.9), 4)
        levels[name] = (level,) * len(knots)
    return replace(contrast, levels=levels, artefacts=())
