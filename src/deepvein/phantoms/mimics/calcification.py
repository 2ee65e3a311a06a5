"""Calcified plaque in the walls of arteries: rare below fifty, common in the old.

Crescents in the intima of the aorta, the iliac and the femoral arteries, rings in the media of the calf.
Age, male sex and the person's own disposition drive it; the rates are textbook impressions (M).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.anatomy.tissues import Tissue
from deepvein.core.seeds import generator
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import Person
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Ellipse, coverage, distance
from deepvein.phantoms.vessels.vessel import Vessel, Vessels

_KNOT_MM = 4.0
_WALL_MM = 0.7

# How often parts of the long artery of a leg calcify, by landmark coordinate: adductor canal, groin and
# bifurcation most.
_WHERE = (
    (0.86, 0.5),
    (1.1, 0.8),
    (1.35, 1.3),
    (1.6, 0.7),
    (1.85, 1.2),
    (2.0, 1.6),
    (2.2, 0.8),
    (2.6, 1.5),
    (3.04, 2.0),
)


@dataclass(frozen=True, eq=False)
class Calcification:
    """One calcified plaque of an artery.

    direction: unit vector (x, y) from the artery's centre to the plaque; ring: 0 a crescent on that side to
    1 all round; thick_mm: at knots every 4 mm from low_mm; density: part of a voxel's value, 0 to 1.
    """

    artery: Vessel
    low_mm: float
    thick_mm: tuple[float, ...]
    direction: tuple[float, float]
    ring: float
    density: float

    @property
    def high_mm(self) -> float:
        return self.low_mm + _KNOT_MM * (len(self.thick_mm) - 1)

    def thickness(self, z_mm: float) -> float:
        """Greatest thickness at a height, mm; 0 outside."""
        place = (z_mm - self.low_mm) / _KNOT_MM
        if not 0 < place < len(self.thick_mm) - 1:
            return 0.0
        i = int(place)
        return self.thick_mm[i] + (self.thick_mm[i + 1] - self.thick_mm[i]) * (place - i)

    def sections(self, z_mm: float) -> tuple[Ellipse, Ellipse] | None:
        """Outer and inner edge at a height."""
        lumen, thick = self.artery.tube.at(z_mm), self.thickness(z_mm)
        if lumen is None or thick <= 0:
            return None
        radius = min(lumen.half_width, lumen.half_height)
        outer = lumen.grown(1 + _WALL_MM / radius)
        # A crescent is what a lumen moved aside leaves over, a ring what a smaller one leaves over.
        inner = outer.grown(max(0.1, 1 - self.ring * thick / (radius + _WALL_MM)))
        aside = (1 - self.ring) * thick
        dx, dy = self.direction
        return outer, inner._replace(x=lumen.x - aside * dx, y=lumen.y - aside * dy)


def calcifications_of(person: Person, vessels: Vessels) -> tuple[Calcification, ...]:
    """The calcified plaques of a person's arteries; none in most of the young."""
    rng = generator(person.seed, "anatomy", "calcification")
    aged = max(0.0, person.age_years - 45) / 30
    own = draw.lognormal(rng, 0.8 if person.female else 1.15, 0.7, 0.1, 4.0)
    burden = min(3.0, aged * own)
    frame = Frame(person)
    out = []
    for artery in vessels.arteries:
        stream = generator(person.seed, "anatomy", "calcification", artery.name)
        calf = "tibial" in artery.name or "peroneal" in artery.name
        length = artery.tube.high_mm - artery.tube.low_mm
        rate = (0.6 if calf else 2.0) * burden
        for _ in range(min(60, int(stream.poisson(round(rate * length / 100, 6))))):
            one = _sample_one(stream, artery, calf, min(1.0, 0.4 + 0.3 * burden))
            keep = draw.uniform(stream, 0, 2.0)
            t = float(frame.t(one.low_mm))
            where = np.interp(t, [k[0] for k in _WHERE], [k[1] for k in _WHERE])
            if calf or keep < where:
                out.append(one)
    return tuple(out)


def _sample_one(rng: np.random.Generator, artery: Vessel, calf: bool, size: float) -> Calcification:
    tube = artery.tube
    length = draw.lognormal(rng, 12.0 if not calf else 18.0, 0.6, 4.0, 60.0)
    low = tube.low_mm + draw.uniform(rng, 0.02, 0.95) * (tube.high_mm - tube.low_mm)
    angle = 2 * np.pi * draw.uniform(rng, 0, 1)
    radius = float(np.sqrt(tube.nodes[:, 2] * tube.nodes[:, 3]).mean())
    thick = min(0.5 * radius, size * draw.uniform(rng, 0.8, 2.6))
    count = max(3, int(length / _KNOT_MM) + 2)
    knots = thick * rng.uniform(0.35, 1.0, count)
    knots[[0, -1]] = 0.0
    return Calcification(
        artery=artery,
        low_mm=round(low, 3),
        thick_mm=tuple(np.round(knots, 4).tolist()),
        direction=(round(float(np.cos(angle)), 6), round(float(np.sin(angle)), 6)),
        ring=draw.uniform(rng, 0.5, 1.0) if calf else draw.uniform(rng, 0.0, 0.4),
        density=draw.uniform(rng, 0.45, 1.0),
    )


def paint_calcifications(canvas: Canvas, calcifications: tuple[Calcification, ...]) -> None:
    """Paint the plaques that the canvas's planes meet over the arteries; no label changes."""
    low, high = canvas.planes_mm[0], canvas.planes_mm[-1]
    size = canvas.pixels.size_mm
    for one in calcifications:
        if one.high_mm < low or one.low_mm > high:
            continue
        found = [s for z in canvas.planes_mm if (s := one.sections(z)) is not None]
        window = canvas.pixels.around([s[0] for s in found], 1.5) if found else None
        if window is None:
            continue
        part = np.zeros((len(window.y), len(window.x)), dtype=np.float32)
        for outer, inner in found:
            shell = coverage(distance(outer, window), size)
            shell -= coverage(distance(inner, window), size)
            part += np.maximum(shell, np.float32(0))
        part *= np.float32(one.density / len(canvas.planes_mm))
        canvas.lay_tissue(window, part, Tissue.CALCIFICATION)
