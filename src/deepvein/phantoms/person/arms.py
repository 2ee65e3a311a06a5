"""Forearms and hands beside the pelvis of patients who cannot raise their arms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.anatomy.tissues import Tissue
from deepvein.anatomy.veins import Side
from deepvein.phantoms.person.body import Body
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import STEP_MM, Tube, coverage, distance, hermite

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
_WRIST_MM = 185.0
# Where bones lie from front to back, in radii.
_METACARPALS = (-0.72, -0.26, 0.2, 0.66)
_FOREARM = (-0.5, 0.42)


@dataclass(frozen=True, eq=False)
class Arm:
    """One arm: skin, fingers and metacarpals, radius and ulna."""

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
    wrist = int(_WRIST_MM * size / STEP_MM)
    hand, forearm = slice(8, wrist), slice(wrist + 2, len(z))
    bones = []
    for part, offsets, share in ((hand, _METACARPALS, 0.2), (forearm, _FOREARM, 0.26)):
        for offset in offsets:
            thick = np.clip(share * r2[part], 2.5, 7.5)
            place = np.stack(
                [x[part], y[part] + offset * r1[part], thick, thick, 0 * thick], axis=1
            )
            bones.append(Tube(low + STEP_MM * part.start, np.round(place, 6)).capped(5.0))
    return Arm(skin, tuple(bones))
