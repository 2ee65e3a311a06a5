"""A catheter from the groin into the iliac vein or the vena cava."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.anatomy.tissues import Tissue
from deepvein.anatomy.veins import Side
from deepvein.core.seeds import generator
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import STEP_MM, Tube, coverage, distance, hermite
from deepvein.phantoms.vessels.vascular_tree import Vessels

_TUNNEL_MM = 40.0


@dataclass(frozen=True, eq=False)
class Catheter:
    """A tube of plastic with a lumen of blood, in a vein that keeps its label.

    wall_mm: thickness of the plastic; sleeve_mm: fibrin around it, dark beside the contrast medium.
    """

    side: Side
    tube: Tube
    wall_mm: float
    sleeve_mm: float
    sleeve_from_mm: float
    quantile: float

    def paint(self, canvas: Canvas) -> None:
        section = self.tube.at(canvas.z_mm)
        window = None if section is None else canvas.pixels.around([section], 4.0)
        if section is None or window is None:
            return
        size = canvas.pixels.size_mm
        d = distance(section, window)
        if self.sleeve_mm and canvas.z_mm > self.sleeve_from_mm:
            sleeve = coverage(d - np.float32(self.sleeve_mm), size)
            sleeve *= (canvas.segments[window.place] > 0) & (canvas.thrombi[window.place] == 0)
            canvas.lay(window, sleeve, canvas.palette.clot(True, self.quantile))
        bore = coverage(d + np.float32(self.wall_mm), size)
        plastic = coverage(d, size)
        canvas.thrombi[window.place][plastic >= 0.5] = 0
        canvas.lay_tissue(window, plastic, Tissue.PLASTIC)
        canvas.lay_tissue(window, bore, Tissue.BLOOD)


def sample_catheter(
    seed: int, frame: Frame, vessels: Vessels, share: float
) -> tuple[Catheter, ...]:
    """A femoral venous catheter of 7 to 12 French (2.3 to 4 mm); one in three bears a sleeve (M)."""
    rng = generator(seed, "distractor", "catheter")
    if not draw.chance(rng, share):
        return ()
    side = draw.choose(rng, (Side.RIGHT, Side.LEFT), (2, 1))
    groin = float(frame.z(1.95))
    reach = draw.uniform(rng, 110, 330)
    inside = [
        vessels.by_name[name].tube
        for name in (
            f"{side.value} common femoral",
            f"{side.value} external iliac",
            f"{side.value} common iliac",
            "IVC",
        )
    ]
    top = min(groin + reach, inside[-1].high_mm)
    count = int((top - groin + _TUNNEL_MM) / STEP_MM) + 1
    z = groin - _TUNNEL_MM + STEP_MM * np.arange(count)
    centre = np.empty((count, 2))
    for tube in inside:
        here = z >= tube.low_mm
        centre[here] = tube.centre(z[here])
    below = z < groin
    centre[below] = inside[0].centre([groin])[0]
    # Below the puncture it runs forwards to the skin.
    part = np.maximum(0.0, (groin - z) / _TUNNEL_MM)[:, None]
    centre += part * np.array([0.0, -38.0])
    knots = max(4, count // 12)
    lean = hermite(
        np.linspace(0, 1, knots), rng.uniform(-2, 2, (knots, 2)), np.linspace(0, 1, count)
    )
    radius = draw.uniform(rng, 1.15, 2.0)
    nodes = np.concatenate(
        [centre + lean, np.full((count, 2), radius), np.zeros((count, 1))], axis=1
    )
    return (
        Catheter(
            side=side,
            tube=Tube(round(float(z[0]), 6), np.round(nodes, 6), False),
            wall_mm=round(0.35 * radius, 4),
            sleeve_mm=draw.uniform(rng, 0.8, 2.2) if draw.chance(rng, 0.33) else 0.0,
            sleeve_from_mm=groin,
            quantile=draw.normal(rng, -0.5, 1.0, -2, 2),
        ),
    )
