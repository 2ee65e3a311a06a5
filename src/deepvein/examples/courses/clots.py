"""Thrombi, drawn and shown in the lumen of a course."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.examples.courses.frame import PIXEL_MM, wave
from deepvein.examples.courses.lumen import Lumen, covered
from deepvein.examples.courses.scene import STEP_MM

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class DrawnClot:
    """One thrombus along n sections.

    fill: (n,) its radius over the lumen's, 0 outside. offset: (n, 2) of its middle, in half extents.
    widening: (n,) factor on the lumen's radius. mural: a layer on the wall that leaves a round channel.
    uneven: SD of its grain over the contrast of blood; rim: wall enhancement, 0 to 1.
    rough_mm, soft_mm: of its margin. uptake: share of the blood's contrast that has seeped in.
    """

    fill: Float32
    offset: Float32
    widening: Float32
    mural: bool
    acute: bool
    uneven: float
    rim: float
    rough_mm: float
    soft_mm: float
    uptake: float

    def part(self, lumen: Lumen, grain: Float32) -> Float32:
        """(n, rows, columns) 0 to 1, not yet cut to the lumen, which is already widened."""
        there = self.fill > 0
        out = np.zeros(grain.shape, dtype=np.float32)
        if not there.any():
            return out
        near = Lumen(lumen.shape[there], type(lumen.frame)(
            lumen.frame.x_mm[there], lumen.frame.y_mm[there]
        ))  # fmt: skip
        fill, offset = self.fill[there], self.offset[there]
        width, rough = PIXEL_MM + self.soft_mm, np.float32(self.rough_mm) * grain[there]
        if self.mural:
            channel = np.sqrt(np.maximum(0.0025, 1 - np.minimum(fill, 0.99) ** 2))
            room = -(1 - channel)[:, None] * offset / np.maximum(_length(offset), 1e-3)
            out[there] = 1 - covered(near.distance(channel, room) - rough, width)
        else:
            room = np.maximum(0, 1 - fill)[:, None] * offset
            out[there] = covered(near.distance(fill, room) + rough, width)
        return out


def drawn_clot(rng: np.random.Generator, n: int, length_mm: float, middle: float) -> DrawnClot:
    """A thrombus of a length whose middle lies at the section number `middle`."""
    acute = rng.random() < 0.65
    occlusive = rng.random() < 0.6
    mural = not acute and rng.random() < 0.6
    fill = rng.uniform(0.88, 1.05) if occlusive else rng.uniform(0.5, 0.88)
    z = (np.arange(n) - middle) * STEP_MM
    end = length_mm / 2 - np.abs(z)
    taper = min(rng.uniform(2, 14), 0.35 * length_mm)
    k = np.clip(end / taper, 0, 1)
    ripple = rng.uniform(0.02, 0.12) * wave(rng, n, 1, 4.0)[:, 0]
    tail = 1.0
    if acute and length_mm > 40 and rng.random() < 0.25:
        # A free end in the middle of the lumen.
        free = rng.uniform(15, 0.5 * length_mm)
        tail = np.interp(z, (length_mm / 2 - free - 10, length_mm / 2 - free), (1.0, 0.5))
    body = np.where(end > 0, np.clip(fill + ripple, 0.3, 1.08), 0) * np.sqrt(k * (2 - k)) * tail
    angle = rng.uniform(0, 6.283) + rng.normal(0, 0.01) * z
    away = rng.uniform(0, 0.5) if acute and rng.random() < 0.85 else rng.uniform(0.7, 1.0)
    wide = rng.uniform(0.9, 1.6) if acute else rng.uniform(0.65, 1.1)
    widening = 1 + (wide - 1) * np.clip(end / (1.5 * taper + 3), 0, 1)
    return DrawnClot(
        fill=body.astype(np.float32),
        offset=(away * np.stack([np.cos(angle), np.sin(angle)], axis=1)).astype(np.float32),
        widening=widening.astype(np.float32),
        mural=mural,
        acute=acute,
        uneven=float(rng.uniform(0, 0.12)),
        rim=float(rng.uniform(0.3, 1.0)) if acute and rng.random() < 0.4 else 0.0,
        rough_mm=float(rng.uniform(0, 0.7)),
        soft_mm=float(rng.uniform(0, 0.5) if rng.random() < 0.9 else rng.uniform(0.5, 2.5)),
        uptake=float(rng.uniform(0.02, 0.3)) if rng.random() < 0.35 else 0.0,
    )


def drawn_length_mm(rng: np.random.Generator) -> float:
    """Half are shorter than 60 mm: what readers miss must not be rare."""
    if rng.random() < 0.6:
        return float(np.exp(rng.uniform(np.log(8), np.log(80))))
    return float(np.exp(rng.uniform(np.log(50), np.log(600))))


def _length(offset: Float32) -> Float32:
    out: Float32 = np.sqrt((offset * offset).sum(axis=1, keepdims=True))
    return out
