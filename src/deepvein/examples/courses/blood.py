"""How bright the blood of a course is, and where it is not mixed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.examples.courses.frame import wave
from deepvein.examples.courses.lumen import Lumen
from deepvein.examples.courses.scene import STEP_MM

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Stream:
    """A stretch where a stream of dark blood runs beside opacified blood (see `phantoms` mixing).

    strength: (n,) part of the enhancement that is missing. kind: "layered", "stream" or "whole", which
    takes all of the section. direction: (n, 2) where the dark blood lies.
    """

    strength: Float32
    kind: str
    direction: Float32
    size: float
    away: float
    softness: float
    waves: float

    def missing(self, lumen: Lumen, grain: Float32) -> Float32:
        """(n, rows, columns) 0 to 1, the part of the enhancement that is missing."""
        x, y = lumen.inner()
        ux, uy = self.direction[:, 0, None, None], self.direction[:, 1, None, None]
        if self.kind == "whole":
            inside = np.ones_like(grain)
        elif self.kind == "layered":
            inside = ux * x + uy * y + np.float32(2 * self.size - 1)
        else:
            shift = np.float32(self.away * max(0.0, 1 - self.size))
            px, py = x - shift * ux, y - shift * uy
            inside = 1 - np.sqrt(px * px + py * py) * np.float32(1 / self.size)
        blend = 0.5 + (inside + np.float32(self.waves) * grain) * np.float32(1 / self.softness)
        out: Float32 = np.clip(blend, 0, 1) * self.strength[:, None, None]
        return out


def drawn_stream(rng: np.random.Generator, n: int) -> Stream:
    """Unmixed blood anywhere along n sections."""
    length = float(np.exp(rng.uniform(np.log(15), np.log(220)))) / STEP_MM
    low = (np.arange(n) - rng.uniform(-0.3 * length, n)) / length
    k = np.minimum(1.0, np.minimum(low / rng.uniform(0.08, 0.5), (1 - low) / rng.uniform(0.2, 0.6)))
    k = np.clip(k if rng.random() < 0.6 else k[::-1], 0, 1)
    kind = str(rng.choice(["layered", "stream", "whole"], p=[0.4, 0.4, 0.2]))
    angle = rng.uniform(0, 6.283) + rng.normal(0, 0.06) * np.arange(n)
    if kind == "layered":
        # Contrast medium is heavier than blood: it lies behind in a supine person, mostly.
        angle = np.full(n, -np.pi / 2 + rng.normal(0, 0.6))
    sharp = rng.random() < 0.3
    # Its darkest blood mostly measures what a thrombus does (57 to 59 +/- 23 HU, Weill Cornell 2015).
    depth = (
        rng.uniform(0.3, 1.0) if rng.random() < 0.4 else np.clip(rng.normal(0.85, 0.12), 0.4, 1.0)
    )
    return Stream(
        strength=(depth * k * k * (3 - 2 * k)).astype(np.float32),
        kind=kind,
        direction=np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32),
        size=float(rng.uniform(0.35, 0.85)),
        away=float(rng.uniform(0, 0.3) if rng.random() < 0.3 else rng.uniform(0.6, 1.0)),
        softness=float(rng.uniform(0.2, 0.45) if sharp else rng.uniform(0.6, 1.6)),
        waves=float(rng.uniform(0.1, 1.0)),
    )


def drawn_level(rng: np.random.Generator, n: int) -> Float32:
    """(n,) enhancement along a vein around 1: slow variation, and weak from some level on in one of eight."""
    level = 1 + 0.08 * wave(rng, n, 1, 25)[:, 0]
    if rng.random() < 0.12:
        edge, width = rng.uniform(0, n), rng.uniform(8, 40)
        ramp = np.clip((np.arange(n) - edge) / width, 0, 1)
        level = level * (
            1 - (1 - rng.uniform(0.2, 0.8)) * (ramp if rng.random() < 0.5 else 1 - ramp)
        )
    out: Float32 = level.astype(np.float32)
    return out
