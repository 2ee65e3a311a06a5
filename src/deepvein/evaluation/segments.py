"""Which vein segments hold thrombus: found and true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side, VeinSegment, decode
from deepvein.findings.finding import Finding
from deepvein.volumes.grid import Grid


@dataclass(frozen=True)
class SegmentOutcome:
    """One deep vein segment of one side in one study: is there thrombus, and was it found?

    probability: of the likeliest finding that lies in it, 0 if none.
    """

    segment: VeinSegment
    side: Side
    has_thrombus: bool
    probability: float


def segment_outcomes(
    findings: Sequence[Finding],
    segments: NDArray[np.uint8],
    thrombi: NDArray[np.integer],
    grid: Grid,
    smallest_ml: float = 0.02,
) -> tuple[SegmentOutcome, ...]:
    """Every deep segment that the map of encoded segments shows, in the map's order of labels.

    thrombi: 0 is none; a segment has thrombus if at least `smallest_ml` of it lies there.
    """
    voxels, clotted = np.zeros(256, np.int64), np.zeros(256, np.int64)
    for plane, thrombus in zip(segments, thrombi, strict=True):
        voxels += np.bincount(plane.ravel(), minlength=256)
        clotted += np.bincount(plane[thrombus > 0], minlength=256)
    found: dict[tuple[VeinSegment, Side], float] = {}
    for finding in findings:
        for share in finding.segments:
            place = share.segment, _side_of(share.segment, finding.side)
            found[place] = max(found.get(place, 0.0), finding.probability)
    outcomes = []
    for label in np.flatnonzero(voxels).tolist():
        named = decode(label)
        if named is None or not named[0].is_deep:
            continue
        volume_ml = float(clotted[label]) * grid.voxel_volume_ml
        has_thrombus = bool(clotted[label]) and volume_ml >= smallest_ml
        outcomes.append(SegmentOutcome(*named, has_thrombus, found.get(named, 0.0)))
    return tuple(outcomes)


def _side_of(segment: VeinSegment, side: Side) -> Side:
    return Side.MIDLINE if segment is VeinSegment.INFERIOR_VENA_CAVA else side
