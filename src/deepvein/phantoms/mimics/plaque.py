"""Diseased arteries: soft plaque at the wall, and lumens that are closed and dark."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from deepvein.anatomy.tissues import Tissue
from deepvein.core.seeds import generator
from deepvein.phantoms.person.population import Person
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.grain import Grain, grain
from deepvein.phantoms.shapes.tube import coverage, distance
from deepvein.phantoms.vessels.vascular_tree import Vessel, Vessels

_ARTERIES = ("femoral artery", "deep femoral artery", "posterior tibial artery", "peroneal artery")
_KNOT_MM = 15.0


@dataclass(frozen=True, eq=False)
class Plaque:
    """Soft plaque or old thrombus in an artery.

    open_share: radius of the open channel over the artery's, at knots every 15 mm from low_mm; 0 closed.
    direction: where the channel lies, from the artery's centre. chalk: part of it that is calcified.
    """

    artery: Vessel
    low_mm: float
    high_mm: float
    open_share: tuple[float, ...]
    direction: tuple[float, float]
    quantile: float
    chalk: float
    seed: int

    @cached_property
    def _grain(self) -> Grain:
        return grain(self.seed, "distractor", "grain", "plaque", spacing_mm=2.0, spacing_z_mm=4.0)

    def channel(self, z_mm: float) -> float:
        """Radius of the open channel over the artery's; 1 outside the plaque."""
        if not self.low_mm < z_mm < self.high_mm:
            return 1.0
        place = min((z_mm - self.low_mm) / _KNOT_MM, len(self.open_share) - 1.001)
        i = int(place)
        share = self.open_share[i] + (self.open_share[i + 1] - self.open_share[i]) * (place - i)
        end = min(1.0, min(z_mm - self.low_mm, self.high_mm - z_mm) / 8.0)
        return 1 - (1 - share) * end

    def paint(self, canvas: Canvas) -> None:
        """Paint it where the artery, and no vein, has been painted."""
        section = self.artery.tube.at(canvas.z_mm)
        share = self.channel(canvas.z_mm)
        if section is None or share > 0.97:
            return
        window = canvas.pixels.around([section], 2.0)
        if window is None:
            return
        size = canvas.pixels.size_mm
        part = coverage(distance(section, window), size)
        if share > 0.1:
            room = 0.95 * (1 - share)
            channel = section.grown(share)._replace(
                x=section.x + room * self.direction[0] * section.half_width,
                y=section.y + room * self.direction[1] * section.half_height,
            )
            part *= 1 - coverage(distance(channel, window), size)
        part *= canvas.segments[window.place] == 0
        canvas.lay(window, part, canvas.palette.clot(False, self.quantile))
        if self.chalk:
            x, y = window.x - np.float32(section.x), window.y - np.float32(section.y)
            fine = self._grain.section(canvas.z_mm, x, y)
            hard = np.minimum(np.float32(1), np.maximum(np.float32(0), (fine - 0.55) * 6))
            canvas.lay_tissue(window, part * hard * np.float32(self.chalk), Tissue.CALCIFICATION)


def sample_plaques(
    seed: int, person: Person, vessels: Vessels, plaque: float, occlusion: float
) -> tuple[Plaque, ...]:
    """Plaque and occlusion of the arteries of the legs.

    The shares are those at 65 years; they grow from nothing at 40 to double at 90 (M).
    """
    aged = min(2.0, max(0.0, (person.age_years - 40) / 25))
    arteries = [v for v in vessels.arteries if v.name.split(" ", 1)[-1] in _ARTERIES]
    out = []
    for vessel in arteries:
        rng = generator(seed, "distractor", "plaque", vessel.name)
        soft = draw.chance(rng, min(1.0, plaque * aged))
        shut = draw.chance(rng, min(1.0, occlusion * aged))
        if not (soft or shut):
            continue
        tube = vessel.tube
        whole = tube.high_mm - tube.low_mm
        length = min(0.8 * whole, draw.lognormal(rng, 90 if shut else 50, 0.6, 20, 300))
        low = tube.low_mm + draw.uniform(rng, 0.0, 1.0) * (whole - length)
        count = int(length / _KNOT_MM) + 3
        channel = rng.uniform(0.45, 0.9, count)
        direction = draw.choose(rng, ((1.0, 0.0), (-1.0, 0.0), (0.0, -1.0), (0.6, 0.6)), (1,) * 4)
        one = Plaque(
            artery=vessel,
            low_mm=round(low, 3),
            high_mm=round(low + length, 3),
            open_share=tuple(np.round(np.zeros(count) if shut else channel, 4).tolist()),
            direction=direction,
            quantile=draw.normal(rng, 0.8, 1.0, -1.5, 2.0),
            chalk=draw.uniform(rng, 0.3, 1.0) if draw.chance(rng, 0.6) else 0.0,
            seed=seed,
        )
        out.append(one)
    return tuple(out)
