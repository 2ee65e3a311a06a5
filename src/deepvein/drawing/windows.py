"""How grey values are shown: window level for CT, percentiles for MR."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.studies.study import Modality
from deepvein.volumes.volume import Volume


@dataclass(frozen=True)
class Window:
    """Values from `low` (black) to `high` (white), in the volume's units."""

    low: float
    high: float
    text: str

    @classmethod
    def of_level(cls, level: float, width: float) -> Window:
        return cls(
            level - width / 2, level + width / 2, f"window {width:.0f}, level {level:.0f} HU"
        )


# Opacified veins have 100 to 150 HU, thrombi 30 to 70, muscle 50 to 65, fat -100: all stay apart, and
# fat is not as black as air.
CT_VEINS = Window.of_level(60, 360)


def window_for(volume: Volume, modality: Modality) -> Window:
    """The window for the key images of a study."""
    if modality is Modality.CT:
        return CT_VEINS
    low, high = _percentiles(volume.array, (2.0, 99.8))
    return Window(low, high, f"signal {low:.0f} to {high:.0f}")


def _percentiles(array: NDArray[np.generic], wanted: tuple[float, float]) -> tuple[float, float]:
    """Percentiles of what is not background, from a sample: a share of a large volume is enough."""
    step = max(1, round((array.size / 2e6) ** (1 / 3)))
    part = np.asarray(array[::step, ::step, ::step], dtype=np.float32).ravel()
    part = part[part > part.mean() * 0.25]
    if not len(part):
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(part, wanted))
    return (low, high) if high > low else (low, low + 1.0)
