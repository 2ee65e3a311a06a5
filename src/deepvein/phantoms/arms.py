"""Forearms and hands beside the pelvis of patients who cannot raise their arms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.anatomy.tissues import Tissue
from deepvein.anatomy.veins import Side
from deepvein.phantoms import draw
from deepvein.phantoms.body import Body
from deepvein.phantoms.canvas import Canvas
from deepvein.phantoms.tube import STEP_MM, Tube, coverage, distance, hermite

# Distance from the fingertips (mm) with the radii of the arm across and front to back.
_ARM = np.array(
    (
        (0, 5, 4),
        (30, 32, 9),
        (90, 42, 14),
        (150, 42, 17),
        (185, 30, 20),
        (210, 28, 21),
        (280, 36, 33),
        (360, 42, 42),
        (430, 42, 46),
        (520, 44, 48),
        (700, 47, 50),
    )
)


@dataclass(frozen=True, eq=False)
class Arm:
    """One arm: skin and two bones; ulna and radius become metacarpals, which look alike in a section."""

    skin: Tube
    bones: tuple[Tube, ...]

    def paint(self, canvas: Canvas) -> None:
        """Paint the arm into the air beside the body, before the body; it carries no label."""
        section = self.skin.at(canvas.z_mm)
        window = None if section is None else canvas.pixels.around([section], 3.0)
        if section is None or window is None:
            return
        size = canvas.pixels.size_mm
        edge = distance(section, window)
        canvas.lay_tissue(window, coverage(edge.copy(), size), Tissue.SKIN)
        canvas.lay_tissue(window, coverage(edge + np.float32(1.8), size), Tissue.FAT)
        canvas.lay_tissue(window, coverage(edge + np.float32(5.5), size), Tissue.MUSCLE)
        for bone in self.bones:
            cut = bone.at(canvas.z_mm)
            inner = None if cut is None else canvas.pixels.around([cut], 2.0)
            if cut is None or inner is None:
                continue
            deep = distance(cut, inner)
            shell = coverage(deep.copy(), size)
            canvas.lay_tissue(inner, shell, Tissue.CORTICAL_BONE)
            canvas.bones[inner.place][shell >= 0.5] = 1
            canvas.lay_tissue(inner, coverage(deep + np.float32(2.0), size), Tissue.FATTY_MARROW)


def sample_arms(rng: np.random.Generator, body: Body) -> tuple[Arm, ...]:
    """One or both arms beside the hips, fingertips at the upper thigh."""
    both, left = draw.chance(rng, 0.6), draw.chance(rng, 0.5)
    out = []
    for side in (Side.RIGHT, Side.LEFT):
        tips = draw.uniform(rng, 1.62, 1.95)
        gap, lift = draw.uniform(rng, 3, 14), draw.uniform(rng, -25, 45)
        if both or (side is Side.LEFT) == left:
            out.append(_arm(body, side, tips, gap, lift))
    return tuple(out)


def _arm(body: Body, side: Side, tips: float, gap_mm: float, y_mm: float) -> Arm:
    frame, size = body.frame, body.person.size
    low = float(frame.z(tips))
    z = low + STEP_MM * np.arange(int(600 * size / STEP_MM))
    r1, r2 = (hermite(_ARM[:, 0], _ARM[:, 1:], (z - low) / size) * size).T
    sign = 1.0 if side is Side.LEFT else -1.0
    # The hand lies along the hip: the wider of its axes runs front to back.
    wide = np.array([body.half_width_mm(float(t)) for t in frame.t(z[::10])])
    reach = np.maximum.accumulate(np.interp(z, z[::10], wide)) + gap_mm
    x = sign * (reach + r2)
    y = np.full(len(z), y_mm)
    skin = Tube(low, np.round(np.stack([x, y, r2, r1, np.zeros(len(z))], axis=1), 6))
    bones = []
    for offset in (-0.45, 0.45):
        thick = np.clip(0.28 * r2, 3.0, 7.5) * size
        nodes = np.stack([x, y + offset * r1, thick, thick, np.zeros(len(z))], axis=1)
        bones.append(Tube(low, np.round(nodes[8:], 6)))
    return Arm(skin, tuple(Tube(low + 8 * STEP_MM, bone.nodes) for bone in bones))
