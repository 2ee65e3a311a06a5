"""From probabilities to thrombi."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Level, Side, VeinSegment
from deepvein.core.errors import SettingsError
from deepvein.findings.calibration import Calibration
from deepvein.findings.features import lesion_features
from deepvein.findings.finding import Finding
from deepvein.findings.fragments import Fragment, bridge, fragments
from deepvein.findings.measures import diameter_mm, filling, key_voxel
from deepvein.findings.shares import level, reach_mm, shares
from deepvein.inference.prediction import SCALE, Prediction
from deepvein.studies.study import Study
from deepvein.veins.side import majority
from deepvein.veins.tree import VeinTree

_NAMESPACE = uuid.UUID("6d1a3c1e-5f0b-5c57-9a55-8d2f1a7e4b10")


@dataclass(frozen=True)
class DetectionSettings:
    """What counts as one thrombus.

    high, low: hysteresis: a thrombus holds a voxel of probability `high` or more and reaches as far as
    `low`; 0 < low <= high <= 1.
    gap_mm: pieces of one vein that lie this near to one another are one thrombus.
    smallest_fragment_ml: pieces below are dropped before they are joined.
    smallest_ml, shortest_mm: volume and extent that a finding has at least (after joining).
    least_probability: findings below this calibrated probability are not reported; 0 keeps all.
    """

    high: float = 0.5
    low: float = 0.3
    gap_mm: float = 10.0
    smallest_fragment_ml: float = 0.01
    smallest_ml: float = 0.05
    shortest_mm: float = 4.0
    least_probability: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high <= 1:
            raise SettingsError(
                f"thresholds need 0 < low <= high <= 1, got low {self.low} and high {self.high}"
            )
        if min(self.gap_mm, self.smallest_fragment_ml, self.smallest_ml, self.shortest_mm) < 0:
            raise SettingsError("gap, volumes and extents of detection must be 0 or larger")


def find(
    prediction: Prediction,
    study: Study,
    tree: VeinTree,
    settings: DetectionSettings | None = None,
    calibration: Calibration | None = None,
) -> tuple[Finding, ...]:
    """The thrombi of a study, the most important first; () for none.

    Ordered proximal before distal, then by probability times volume. Without a calibration of lesions a
    finding's probability is the mean of its voxels. Memory grows with the thrombus, not with the study.
    """
    settings, calibration = settings or DetectionSettings(), calibration or Calibration()
    if not prediction.thrombus_probability.any():
        return ()
    pieces = fragments(
        prediction, tree.naming, settings.low, settings.high, settings.smallest_fragment_ml
    )
    # From centre to centre a gap is longer by half a voxel on each of its ends.
    voxel_mm = prediction.grid.spacing_mm[prediction.grid.body_axis]
    found = [
        describe(piece, prediction, study, calibration)
        for piece in bridge(pieces, settings.gap_mm + voxel_mm)
        if _is_of_size(piece, prediction, settings)
    ]
    found = [finding for finding in found if finding.probability >= settings.least_probability]
    return tuple(
        replace(finding, number=number)
        for number, finding in enumerate(sorted(found, key=_importance), start=1)
    )


def describe(
    piece: Fragment, prediction: Prediction, study: Study, calibration: Calibration
) -> Finding:
    """One thrombus of at least one voxel, measured and named; its number is 0 until it is ordered."""
    grid, indices = prediction.grid, piece.indices
    values = prediction.thrombus_probability[tuple(indices.T)]
    start, end = reach_mm(piece.points_mm, grid)
    volume_ml = len(indices) * grid.voxel_volume_ml
    named = shares(piece.segments, piece.points_mm, grid)
    depth = level(named)
    filled = filling(indices, prediction)
    key = key_voxel(indices, values)
    x, y, z = grid.to_world(key)[0].tolist()
    if calibration.lesion is None:
        probability = float(values.mean()) / SCALE
    else:
        judge = calibration.lesion
        features = lesion_features(
            indices, volume_ml, end - start, depth, prediction, judge.features
        )
        probability = float(judge.apply(features)[0])
    return Finding(
        number=0,
        side=_side(piece),
        segments=named,
        level=depth,
        start_mm=start,
        end_mm=end,
        extent_mm=end - start,
        volume_ml=volume_ml,
        diameter_mm=diameter_mm(indices, grid),
        occlusion=filled.occlusion,
        occluded_fraction=filled.fraction,
        probability=probability,
        key_slice=int(key[0]),
        key_point_mm=(x, y, z),
        indices=indices,
        mean_intensity=float(study.volume.array[tuple(indices.T)].mean(dtype=np.float64)),
        tracking_uid=_tracking_uid(study, key),
    )


def _is_of_size(piece: Fragment, prediction: Prediction, settings: DetectionSettings) -> bool:
    start, end = reach_mm(piece.points_mm, prediction.grid)
    volume_ml = len(piece.indices) * prediction.grid.voxel_volume_ml
    return volume_ml >= settings.smallest_ml and end - start >= settings.shortest_mm


def _side(piece: Fragment) -> Side:
    outside_cava = piece.segments != VeinSegment.INFERIOR_VENA_CAVA
    return majority(piece.sides[outside_cava]) if outside_cava.any() else Side.MIDLINE


def _importance(finding: Finding) -> tuple[bool, float, tuple[int, ...]]:
    first = tuple(finding.indices[0].tolist())
    return finding.level is Level.DISTAL, -finding.probability * finding.volume_ml, first


def _tracking_uid(study: Study, key: NDArray[np.int64]) -> str:
    """A UID that a rerun on the same study gives again (DICOM PS3.5 B.2: UUID under the root 2.25)."""
    name = f"{study.identity.study_uid or study.name}/{','.join(str(i) for i in key.tolist())}"
    return f"2.25.{uuid.uuid5(_NAMESPACE, name).int}"
