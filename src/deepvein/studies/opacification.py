"""Whether a CT shows vessels filled with contrast, judged cheaply from its cross-sections."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.studies.bodypart import BodySettings, sections
from deepvein.volumes.volume import Volume


@dataclass(frozen=True)
class OpacificationSettings:
    """low_hu, high_hu: attenuation of opacified blood (blood without contrast 30 to 60 HU, muscle below
    80; veins in CT venography mostly 90 to 200); bone_hu: a spot that holds such a voxel is bone or
    calcium; spot_mm2: area of a vessel's section; pixel_mm: fineness of the sections."""

    low_hu: float = 90.0
    high_hu: float = 450.0
    bone_hu: float = 500.0
    spot_mm2: tuple[float, float] = (20.0, 700.0)
    pixel_mm: float = 1.6
    levels: int = 32


def opacified_share(volume: Volume, settings: OpacificationSettings | None = None) -> float:
    """Share of a CT volume's axial sections, 0 to 1, that show at least one spot like an opacified vessel.

    A spot is a compact region of soft tissue between `low_hu` and `high_hu` after smoothing. Arteries
    count too: this tells whether contrast was given, not whether it has reached the veins.
    """
    limits = settings or OpacificationSettings()
    coarse = BodySettings(levels=limits.levels, pixel_mm=limits.pixel_mm)
    hits = [_has_spot(plane, area * 100, limits) for plane, area in sections(volume, coarse)]
    return float(np.mean(hits)) if hits else 0.0


def _has_spot(plane: NDArray[np.float32], area_mm2: float, limits: OpacificationSettings) -> bool:
    from scipy import ndimage

    tissue = ndimage.binary_fill_holes(plane > -300)
    inside = ndimage.binary_erosion(tissue, iterations=2)
    smooth = ndimage.gaussian_filter(np.clip(plane, -200, 1500), 1.0)
    labels, count = ndimage.label((smooth > limits.low_hu) & inside)
    if not count:
        return False
    index = np.arange(1, count + 1)
    size = ndimage.sum_labels(np.ones_like(smooth), labels, index) * area_mm2
    peak = ndimage.maximum(plane, labels, index)
    boxes = ndimage.find_objects(labels)
    # Round things fill most of their box, streaks and fascia do not.
    box = np.array([np.prod([edge.stop - edge.start for edge in found]) for found in boxes])
    compact = size / (box * area_mm2) > 0.5
    low, high = limits.spot_mm2
    fits = (size >= low) & (size <= high) & (peak < limits.bone_hu) & compact
    mean = ndimage.mean(plane, labels, index)
    return bool((fits & (mean <= limits.high_hu)).any())
