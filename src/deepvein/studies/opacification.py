"""Whether a CT shows vessels filled with contrast, judged cheaply from its cross-sections."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.studies.bodypart import BodySettings, sections
from deepvein.volumes.holes import fill_holes
from deepvein.volumes.volume import Volume

_LOW_HU, _HIGH_HU = 90.0, 450.0
"""Attenuation of opacified blood: blood without contrast has 30 to 60 HU, muscle less than 80, veins in CT
venography mostly 90 to 200."""
_BONE_HU = 500.0
"""A spot that holds such a voxel is bone or calcium."""
_SPOT_MM2 = (20.0, 700.0)
"""Area of a vessel's section."""
_SECTIONS = BodySettings(levels=32, pixel_mm=1.6)


def opacified_share(volume: Volume) -> float:
    """Share of a CT volume's axial sections, 0 to 1, that show at least one spot like an opacified vessel.

    A spot is a compact region of soft tissue between 90 and 450 HU after smoothing. Arteries
    count too: this tells whether contrast was given, not whether it has reached the veins.
    """
    hits = [_has_spot(plane, area * 100) for plane, area in sections(volume, _SECTIONS)]
    return float(np.mean(hits)) if hits else 0.0


def _has_spot(plane: NDArray[np.float32], area_mm2: float) -> bool:
    from scipy import ndimage

    tissue = fill_holes(plane > -300)
    inside = ndimage.binary_erosion(tissue, iterations=2)
    smooth = ndimage.gaussian_filter(np.clip(plane, -200, 1500), 1.0)
    labels, count = ndimage.label((smooth > _LOW_HU) & inside)
    if not count:
        return False
    size = np.bincount(labels.ravel(), minlength=count + 1)[1:] * area_mm2
    low, high = _SPOT_MM2
    index = np.flatnonzero((size >= low) & (size <= high)) + 1
    peak, mean = (measure(plane, labels, index) for measure in (ndimage.maximum, ndimage.mean))
    index = index[(np.asarray(peak) < _BONE_HU) & (np.asarray(mean) <= _HIGH_HU)]
    boxes = ndimage.find_objects(labels)
    for label in index:
        rows, columns = boxes[label - 1]
        box_mm2 = (rows.stop - rows.start) * (columns.stop - columns.start) * area_mm2
        # Round things fill most of their box, streaks and fascia do not.
        if size[label - 1] / box_mm2 > 0.5:
            return True
    return False
