"""What muscle measures in a picture of the legs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.studies.study import Modality


def soft_tissue(planes: NDArray[np.float32], modality: Modality) -> float:
    """The typical value of muscle in sections of any shape; 0 where there is no tissue.

    Vessels, fat and bone are the lesser part of what is neither much darker nor much brighter. In MR what
    is left of the fat draws it down, to two thirds of the muscle's signal where fat surrounds the veins.
    """
    if modality is Modality.CT:
        soft = planes[(planes > -20) & (planes < 200)]
    else:
        bright = float(np.percentile(planes, 99.5)) if planes.size else 0.0
        soft = planes[planes > max(0.2 * bright, 1e-6)]
    return float(np.median(soft)) if len(soft) else 0.0
