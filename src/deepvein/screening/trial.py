"""A bundle against a labelled cohort: what it found in each case beside what is true."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import deep_mask, segment_labels
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import CohortError
from deepvein.core.progress import Progress, silent
from deepvein.evaluation.lesions import Matching, match
from deepvein.evaluation.metrics import Overlap, overlap
from deepvein.evaluation.segments import SegmentOutcome, segment_outcomes
from deepvein.findings.assessment import assess
from deepvein.findings.detection import find
from deepvein.findings.features import LESION_FEATURES, features_of
from deepvein.findings.finding import Finding
from deepvein.findings.screening import Verdict
from deepvein.inference.prediction import SCALE, Prediction, Profile
from deepvein.screening.models import BundleFolder
from deepvein.screening.screen import predict
from deepvein.studies.reading import read_study
from deepvein.volumes.grid import Grid


@dataclass(frozen=True, eq=False)
class Outcome:
    """One case.

    veins, thrombus: voxel counts at probability 0.5. matching: findings against the true thrombi.
    features: (n, 6) `findings.features.LESION_FEATURES` of the n findings.
    slice_truth: (m,) whether the section at each of the m positions of the profile shows thrombus.
    named, nameable: deep-vein voxels whose territory is their own segment, and all of them.
    """

    case: Case
    has_dvt: bool
    verdict: Verdict
    probability: float | None
    findings: tuple[Finding, ...]
    features: NDArray[np.float64]
    matching: Matching
    segments: tuple[SegmentOutcome, ...]
    veins: Overlap
    thrombus: Overlap
    profile: Profile
    slice_truth: NDArray[np.bool_]
    named: int
    nameable: int
    voxel_ml: float
    seconds: float


def run_trial(
    models: BundleFolder, cohort: Cohort, device: str = "auto", progress: Progress = silent
) -> Iterable[Outcome]:
    """Screen every case of a cohort that has vein segments and thrombi; one outcome at a time."""
    for done, case in enumerate(cohort.cases):
        progress("screening cases", done, len(cohort.cases))
        yield try_case(models, case, cohort, device)
    progress("screening cases", len(cohort.cases), len(cohort.cases))


def try_case(models: BundleFolder, case: Case, cohort: Cohort, device: str = "auto") -> Outcome:
    """Screen one labelled case and hold the result against its labels."""
    begun = perf_counter()
    opened = open_case(case, cohort.cache)
    if opened.segments is None or opened.thrombi is None:
        raise CohortError(f"case {case.case!r} needs vein segments and thrombi to be evaluated")
    study = read_study(case.image, case.modality)
    prediction = predict(study, models, device)
    bundle = models.bundle
    findings = find(prediction, study, bundle.detection, bundle.calibration)
    assessment = assess(study, prediction, findings, bundle.calibration, bundle.operating_point)
    seconds = perf_counter() - begun
    segments = np.asarray(opened.segments.array)
    thrombi = np.asarray(opened.thrombi.array)
    named, nameable = _named(prediction, segments)
    half = SCALE // 2
    features = [features_of(finding, prediction) for finding in findings]
    return Outcome(
        case=case,
        has_dvt=bool(thrombi.any()),
        verdict=assessment.verdict,
        probability=assessment.probability,
        findings=findings,
        features=np.array(features, dtype=np.float64).reshape(-1, len(LESION_FEATURES)),
        matching=match(findings, thrombi),
        segments=segment_outcomes(findings, segments, thrombi, prediction.grid),
        veins=overlap(prediction.vein_probability > half, deep_mask(segments)),
        thrombus=overlap(prediction.thrombus_probability > half, thrombi > 0),
        profile=prediction.profile,
        slice_truth=slice_truth(thrombi, prediction.grid),
        named=named,
        nameable=nameable,
        voxel_ml=prediction.grid.voxel_volume_ml,
        seconds=seconds,
    )


def slice_truth(thrombi: NDArray[np.integer], grid: Grid) -> NDArray[np.bool_]:
    """Whether each section across the body shows thrombus, from feet to head as in a Profile."""
    others = tuple(axis for axis in range(3) if axis != grid.body_axis)
    shown = np.asarray((thrombi > 0).any(axis=others), dtype=np.bool_)
    positions = grid.body_positions_mm()
    return shown if positions[0] <= positions[-1] else shown[::-1]


def _named(prediction: Prediction, segments: NDArray[np.uint8]) -> tuple[int, int]:
    voxels = np.argwhere(deep_mask(segments))
    voxels = voxels[:: max(1, len(voxels) // 200_000)]
    truth = segment_labels(segments[tuple(voxels.T)])
    territories = prediction.territories
    place = np.rint(territories.grid.to_index(prediction.grid.to_world(voxels))).astype(int)
    place = place.clip(0, np.asarray(territories.grid.shape) - 1)
    said = territories.array[tuple(place.T)]
    return int((said == truth).sum()), len(truth)
