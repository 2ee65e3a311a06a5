"""Where thrombi really lie: in their veins, as far as the study covers them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.phantoms.phantom import Scenario
from deepvein.phantoms.thrombosis.thrombus import Thrombus
from deepvein.phantoms.vessels.vascular_tree import Vessel


@dataclass(frozen=True, eq=False)
class Stretch:
    """The part of one thrombus in one vein, from low_mm up to high_mm."""

    thrombus: Thrombus
    vessel: Vessel
    low_mm: float
    high_mm: float

    @property
    def length_mm(self) -> float:
        return self.high_mm - self.low_mm


def stretches(scenario: Scenario, margin_mm: float = 0.0) -> list[Stretch]:
    """The covered stretches of all thrombi, less `margin_mm` at each end; empty without thrombi."""
    low, high = scenario.scan.covered_mm
    out = []
    for thrombus in scenario.thrombi:
        for clot in thrombus.clots:
            vessel = scenario.vessels.by_name.get(clot.vessel)
            if vessel is None:
                continue
            bottom = max(clot.low_mm, vessel.tube.low_mm, low) + margin_mm
            top = min(clot.high_mm, vessel.tube.high_mm, high) - margin_mm
            if top > bottom:
                out.append(Stretch(thrombus, vessel, bottom, top))
    return out


def drawn(rng: np.random.Generator, among: list[Stretch]) -> tuple[Vessel, float] | None:
    """A vein and a height drawn evenly over the length of the stretches; None for none."""
    if not among:
        return None
    length = np.array([one.length_mm for one in among])
    one = among[int(rng.choice(len(among), p=length / length.sum()))]
    return one.vessel, float(rng.uniform(one.low_mm, one.high_mm))
