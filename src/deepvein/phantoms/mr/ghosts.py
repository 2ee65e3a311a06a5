"""Ghosts along the phase-encoding direction (left to right): pulsating arteries and moving legs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.core.seeds import generator
from deepvein.phantoms.mr.settings import MrSettings
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.tube import Pixels32


@dataclass(frozen=True)
class Ghosts:
    """One station's ghosts; distances in columns.

    pulsation: signal of the arteries' first ghost over their own, every `beat` columns, the second 0.4 of
    it; a negative sign is dark. motion: the same of everything, every `sway` columns; blur: how far the
    legs moved in columns, 0 for a station at rest.
    """

    pulsation: float
    beat: int
    motion: float = 0.0
    sway: int = 0
    blur: int = 0

    def added(self, signal: Pixels32, arteries: NDArray[np.uint8]) -> Pixels32:
        """(rows, columns) of a coronal section with its ghosts; what leaves the picture comes back in on
        the other side. `signal` is reused."""
        if self.motion > 0:
            signal = self._moved(signal)
        rows, columns = np.nonzero(arteries)
        if self.pulsation == 0 or not len(rows):
            return signal
        source = signal[rows, columns].copy()
        width = signal.shape[1]
        for order, share in ((1, 1.0), (2, 0.4)):
            part = source * np.float32(self.pulsation * share)
            for step in (-order * self.beat, order * self.beat):
                # Pixels of one row differ in column, so no place is met twice in one step.
                signal[rows, (columns + step) % width] += part
        return signal

    def _moved(self, signal: Pixels32) -> Pixels32:
        ghost = np.roll(signal, self.sway, axis=1)
        ghost += np.roll(signal, -self.sway, axis=1)
        if self.blur:
            smeared = np.roll(signal, self.blur, axis=1)
            smeared += signal
            smeared *= np.float32(0.5)
            signal = smeared
        signal *= np.float32(1 - 2 * self.motion)
        ghost *= np.float32(self.motion)
        signal += ghost
        return signal


def sample_ghosts(seed: int, station: int, columns: int, settings: MrSettings) -> Ghosts:
    """The ghosts of one station, whose rows have `columns` pixels."""
    rng = generator(seed, "acquisition", "ghosts", station)
    low, high = settings.pulsation
    sign = 1.0 if draw.chance(rng, 0.7) else -1.0
    pulsation = sign * draw.uniform(rng, low, high)
    beat = round(draw.uniform(rng, 18, 95) / settings.column_mm)
    moved = draw.chance(rng, settings.motion_share)
    motion, sway = draw.uniform(rng, 0.03, 0.12), draw.uniform(rng, 12, 60)
    blur = draw.uniform(rng, 1.0, 3.5)
    limit = max(1, columns // 2 - 1)
    if not moved:
        return Ghosts(pulsation, min(limit, max(1, beat)))
    return Ghosts(
        pulsation,
        min(limit, max(1, beat)),
        motion,
        min(limit, max(1, round(sway / settings.column_mm))),
        max(1, round(blur / settings.column_mm)),
    )
