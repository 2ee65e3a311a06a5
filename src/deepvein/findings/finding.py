"""One thrombus as a radiologist would describe it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Level, Side, in_words
from deepvein.findings.shares import SegmentShare


class Occlusion(Enum):
    """How much of the vein's cross-section the thrombus fills."""

    OCCLUSIVE = "occlusive"
    PARTIAL = "partial"
    UNDETERMINED = "undetermined"


class Delineation(Enum):
    """Who drew the outline; the value is the Segment Algorithm Type of DICOM PS3.3 C.8.20.2."""

    AUTOMATIC = "AUTOMATIC"
    SEMIAUTOMATIC = "SEMIAUTOMATIC"
    """Found by the software and corrected by a person."""
    MANUAL = "MANUAL"
    """Drawn by a person alone."""


@dataclass(frozen=True, eq=False)
class Finding:
    """One thrombus as it is reported.

    Attributes
    ----------
    number
        1 for the most important of the study.
    side
        Of the patient.
    segments
        The segments it lies in, largest share first; empty if no vein could be named.
    level
        Proximal or distal.
    start_mm, end_mm
        Lowest and highest LPS z that it reaches.
    extent_mm
        Their distance, the outermost voxels included.
    volume_ml
        Of all its voxels.
    diameter_mm
        Largest diameter across the body axis (maximum Feret diameter of its axial sections).
    occlusion
        Whether it fills the vein.
    occluded_fraction
        Share of the vein's section that is thrombus, averaged over its length, [0, 1].
    probability
        Calibrated probability that this is a thrombus, [0, 1].
    key_slice
        Index along the study grid's slice axis that shows it best.
    key_point_mm
        Its LPS centre there.
    indices
        (n, 3) voxels (slice, row, column) on the study's grid.
    mean_intensity
        In Hounsfield units or MR signal.
    tracking_uid
        Names it in every report.
    delineation
        Who drew its outline.
    """

    number: int
    side: Side
    segments: tuple[SegmentShare, ...]
    level: Level
    start_mm: float
    end_mm: float
    extent_mm: float
    volume_ml: float
    diameter_mm: float
    occlusion: Occlusion
    occluded_fraction: float
    probability: float
    key_slice: int
    key_point_mm: tuple[float, float, float]
    indices: NDArray[np.int64]
    mean_intensity: float
    tracking_uid: str
    delineation: Delineation = Delineation.AUTOMATIC

    @property
    def place(self) -> str:
        """Side and vein segments in words, such as `left popliteal and femoral veins`."""
        return in_words(self.side, (share.segment for share in self.segments))
