"""Mixing artefacts: blood with and without contrast medium side by side in an open vein."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import cos, sin

import numpy as np

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.core.seeds import generator
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.grain import Grain, grain
from deepvein.phantoms.shapes.tube import Ellipse, Pixels32, Window
from deepvein.phantoms.vessels.vascular_tree import Vessel, Vessels

_SEG = VeinSegment
_RISE, _FALL = 0.15, 0.5
"""Parts of its length over which it sets in, below, and over which the blood mixes, above."""

_CONFLUENCES: tuple[tuple[str, float], ...] = (
    ("great saphenous", 3.0),
    ("deep femoral", 3.0),
    ("internal iliac", 2.0),
    ("small saphenous", 1.0),
    ("gastrocnemius medial", 1.0),
    ("femoral 2", 1.0),
    ("popliteal 2", 0.7),
    ("common iliac", 1.5),
)
"""Whose blood meets the deep axis, and how often the two do not mix (M): the junctions named by the
Weill Cornell series of 2015. The common iliac veins meet in the vena cava."""
_STRETCHES: tuple[tuple[str, float], ...] = (
    ("common femoral", 2.0),
    ("femoral", 2.5),
    ("popliteal", 2.0),
    ("external iliac", 1.0),
    ("common iliac", 0.7),
)


@dataclass(frozen=True)
class MixingArtefact:
    """A stretch where a stream of dark blood runs beside opacified blood.

    Of 16 such artefacts 28 to 31 % were central, 28 to 31 % sharp, 6 % lay in a widened vein, none had a
    rim (Weill Cornell 2015). vessels: the veins that it runs through from below, `vessel` first.
    depth: part of the enhancement that is missing at the worst place. layered: dark and bright blood lie
    on each other, else a dark stream runs within. direction: where the dark blood lies, x and y.
    size: its share of the lumen's width; softness: over which part of the radius it fades; turn: how far
    (radians a mm) the stream winds; waves: how irregular it is, 0 to about 1.
    """

    vessel: str
    centre_mm: float
    length_mm: float
    depth: float
    layered: bool
    direction: tuple[float, float]
    size: float = 0.5
    away: float = 1.0
    softness: float = 0.6
    turn: float = 0.0
    waves: float = 0.0
    vessels: tuple[str, ...] = ()
    seed: int = 0

    def strength(self, z_mm: float) -> float:
        """0 outside; `depth` from where it has set in to where the blood begins to mix."""
        low = (z_mm - self.centre_mm) / self.length_mm + 0.5
        k = min(1.0, low / _RISE, (1 - low) / _FALL)
        return self.depth * k * k * (3 - 2 * k) if k > 0 else 0.0

    def touches(self, vessel: str) -> bool:
        return vessel == self.vessel or vessel in self.vessels

    @cached_property
    def _grain(self) -> Grain:
        place = round(self.centre_mm * 1000)
        return grain(self.seed, "contrast", "swirl", place, spacing_mm=3.0, spacing_z_mm=13.0)

    def blend(self, z_mm: float, section: Ellipse, window: Window) -> Pixels32:
        """(rows, columns) 0 to 1: how far dark blood takes the place of opacified blood."""
        dx = (window.x - np.float32(section.x)) * np.float32(1 / section.half_width)
        dy = ((window.y - np.float32(section.y)) * np.float32(1 / section.half_height))[:, None]
        ux, uy = (np.float32(v) for v in self._direction(z_mm))
        if self.layered:
            inside = ux * dx + uy * dy + np.float32(2 * self.size - 1)
        else:
            shift = np.float32(self.away * max(0.0, 1 - self.size))
            px, py = dx - shift * ux, dy - shift * uy
            inside = 1 - np.sqrt(px * px + py * py) * np.float32(1 / self.size)
        if self.waves:
            x, y = window.x - np.float32(section.x), window.y - np.float32(section.y)
            inside = inside + np.float32(self.waves) * self._grain.section(z_mm, x, y)
        inside = np.float32(0.5) + inside * np.float32(1 / self.softness)
        out: Pixels32 = np.minimum(np.maximum(inside, np.float32(0)), np.float32(1))
        return out

    def _direction(self, z_mm: float) -> tuple[float, float]:
        if not self.turn:
            return self.direction
        angle = self.turn * (z_mm - self.centre_mm)
        c, s = round(cos(angle), 6), round(sin(angle), 6)
        x, y = self.direction
        return x * c - y * s, x * s + y * c


def sample_mixing(seed: int, vessels: Vessels, mean_number: float) -> tuple[MixingArtefact, ...]:
    """A Poisson number of artefacts: two in three begin at a confluence and run up from there."""
    rng = generator(seed, "contrast", "mixing")
    number = int(rng.poisson(mean_number))
    return tuple(
        _sample_one(generator(seed, "contrast", "mixing", index), seed, vessels)
        for index in range(number)
    )


def _sample_one(rng: np.random.Generator, seed: int, vessels: Vessels) -> MixingArtefact:
    side = Side.LEFT if draw.chance(rng, 0.5) else Side.RIGHT
    length = draw.lognormal(rng, 55, 0.5, 20, 150)
    start, direction = _origin(rng, vessels, side)
    veins = _course(vessels, side, start, start + length)
    layered = draw.chance(rng, 0.4)
    central = draw.chance(rng, 0.3)
    sharp = draw.chance(rng, 0.3)
    lean = draw.normal(rng, 0, 0.35, -0.8, 0.8)
    # Contrast medium is heavier than blood: it lies behind in a supine person.
    settled = (lean / (1 + lean * lean) ** 0.5, -1 / (1 + lean * lean) ** 0.5)
    x, y = settled if layered else direction
    swirls = draw.chance(rng, 0.35)
    size = draw.uniform(rng, 0.4, 0.8)
    turn = draw.normal(rng, 0, 0.025, -0.06, 0.06)
    return MixingArtefact(
        vessel=veins[0].name,
        centre_mm=round(start + length / 2, 3),
        length_mm=length,
        # Its darkest blood measures 57 to 59 +/- 23 HU on two readers (Weill Cornell 2015).
        depth=draw.normal(rng, 0.82, 0.18, 0.4, 1.0),
        layered=layered,
        direction=(round(x, 6), round(y, 6)),
        size=size,
        away=draw.uniform(rng, 0.0, 0.3) if central else draw.uniform(rng, 0.6, 1.0),
        softness=draw.uniform(rng, 0.2, 0.45) if sharp else draw.uniform(rng, 0.6, 1.5),
        turn=0.0 if layered else turn,
        waves=draw.uniform(rng, 0.5, 1.0) if swirls else draw.uniform(rng, 0.1, 0.4),
        vessels=tuple(vein.name for vein in veins),
        seed=seed,
    )


def _origin(
    rng: np.random.Generator, vessels: Vessels, side: Side
) -> tuple[float, tuple[float, float]]:
    """Lowest height, and the side of the lumen along which the dark blood runs."""
    angle = draw.uniform(rng, 0, 6.283185)
    anywhere = (round(cos(angle), 6), round(sin(angle), 6))
    if draw.chance(rng, 0.65):
        known = [
            (v, weight)
            for name, weight in _CONFLUENCES
            if (v := vessels.by_name.get(f"{side.value} {name}")) is not None
        ]
        tributary = draw.choose(rng, [v for v, _ in known], [w for _, w in known])
        mouth = tributary.tube.high_mm - draw.uniform(rng, 2, 12)
        into = vessels.by_name.get(tributary.drains_into)
        if into is None:
            return mouth, anywhere
        below = [mouth - 10.0]
        dx, dy = (tributary.tube.centre(below) - into.tube.centre(below))[0].tolist()
        away = (dx * dx + dy * dy) ** 0.5
        return mouth, (dx / away, dy / away) if away > 1.0 else anywhere
    name = draw.choose(rng, [s for s, _ in _STRETCHES], [w for _, w in _STRETCHES])
    tube = vessels.by_name[f"{side.value} {name}"].tube
    return tube.low_mm + draw.uniform(rng, 0, 0.9) * (tube.high_mm - tube.low_mm), anywhere


def _course(vessels: Vessels, side: Side, low: float, high: float) -> tuple[Vessel, ...]:
    """The veins of the deep axis and the vena cava between two heights, from below."""
    axis = [*vessels.axis(side), *vessels.of(Side.MIDLINE, _SEG.INFERIOR_VENA_CAVA)]
    found = tuple(v for v in axis if v.tube.low_mm < high and v.tube.high_mm > low)
    return found or (axis[-1],)
