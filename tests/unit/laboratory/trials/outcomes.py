"""Outcomes of trials made up by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from deepvein.anatomy.veins import Level, Side, VeinSegment
from deepvein.cohorts.case import Case
from deepvein.evaluation.centrelines import CentrelineOverlap
from deepvein.evaluation.lesions import Candidate, Lesion, Matching
from deepvein.evaluation.metrics import Overlap
from deepvein.evaluation.segments import SegmentOutcome
from deepvein.evaluation.thrombi import TrueThrombus
from deepvein.findings.features import LESION_FEATURES
from deepvein.findings.finding import Finding, Occlusion
from deepvein.findings.screening import Verdict
from deepvein.findings.shares import SegmentShare
from deepvein.inference.prediction import Profile
from deepvein.laboratory.cards.failure_images import Failure, Snapshot
from deepvein.laboratory.trials.outcome import Outcome, ThrombusOutcome
from deepvein.studies.study import Modality

NO_VOXELS = np.zeros((0, 3), dtype=np.int64)


def finding(probability=0.9, volume_ml=2.0):
    return Finding(
        number=1,
        side=Side.LEFT,
        segments=(SegmentShare(VeinSegment.POPLITEAL, volume_ml, 30.0),),
        level=Level.PROXIMAL,
        start_mm=0.0,
        end_mm=30.0,
        extent_mm=30.0,
        volume_ml=volume_ml,
        diameter_mm=8.0,
        occlusion=Occlusion.OCCLUSIVE,
        occluded_fraction=0.9,
        probability=probability,
        key_slice=3,
        key_point_mm=(0.0, 0.0, 0.0),
        indices=np.zeros((1, 3), dtype=np.int64),
        mean_intensity=50.0,
        tracking_uid="2.25.1",
    )


def snapshot(failure, weight=1.0, text="somewhere"):
    """A bright vein with a thrombus in its middle where one was missed."""
    mask = np.zeros((12, 12), dtype=bool)
    mask[4:8, 4:8] = True
    nothing = np.zeros_like(mask)
    missed = failure is Failure.MISSED
    return Snapshot(
        failure=failure,
        text=text,
        weight=weight,
        z_mm=12.0,
        pixel_mm=0.75,
        grey=np.where(mask, 220, 90).astype(np.uint8),
        veins=mask,
        truth=mask if missed else nothing,
        found=nothing if missed else mask,
    )


def thrombus_outcome(found=True, number=1, probability=0.9, **changes):
    """An occlusive acute thrombus of 60 mm and 1 ml in the left popliteal vein."""
    truth = TrueThrombus(number, Side.LEFT, (VeinSegment.POPLITEAL,), 60.0, 1.0, True, True)
    truth = replace(truth, **changes)
    return ThrombusOutcome(truth, probability if found else None, 0.75 if found else 0.0)


def outcome(number, *, has_dvt, found=True, false=0, probability=0.5, centre=""):
    """A study with one thrombus of 100 voxels if `has_dvt`, found with 0.9, and `false` false findings.

    Features and profile speak for thrombus where there is one, with noise that depends on `number`.
    """
    rng = np.random.default_rng(number)
    right = has_dvt and found
    candidates = [Candidate(0.9, (1,))] * right + [Candidate(0.3, ())] * false
    truth = np.zeros(20, dtype=bool)
    truth[5:10] = has_dvt
    evidence = np.clip(0.1 + 0.7 * truth + 0.1 * rng.random(20), 0, 1).astype(np.float32)
    rows = [[1, 3, 2, 3, 0.9, 0]] * right + [[-3, 1, -1, 0, 0.4, 0]] * false
    features = np.array(rows, dtype=float).reshape(-1, 6)
    features += 0.3 * rng.standard_normal(features.shape)
    case = Case(
        case=f"case{number}",
        patient=f"patient{number}",
        modality=Modality.CT,
        image=Path("image.nii"),
        has_dvt=has_dvt,
        centre=centre,
    )
    lesions = (Lesion(1, 100, 0.9 if found else None),) if has_dvt else ()
    return Outcome(
        case=case,
        has_dvt=has_dvt,
        verdict=Verdict.SUSPECTED if (probability or 0) >= 0.5 else Verdict.NOT_SUSPECTED,
        probability=probability,
        least_probability=0.0,
        findings=tuple(replace(finding(c.probability), indices=NO_VOXELS) for c in candidates),
        features=features,
        feature_names=LESION_FEATURES,
        in_vein=(1.0,) * right + (0.25,) * false,
        matching=Matching(tuple(candidates), lesions),
        thrombi=(thrombus_outcome(found),) if has_dvt else (),
        segments=(SegmentOutcome(VeinSegment.POPLITEAL, Side.LEFT, has_dvt, 0.9 * right),),
        veins=Overlap(80, 20, 20, 1000),
        centreline=CentrelineOverlap(1.0, 0.5),
        thrombus=Overlap(30, 10, 10, 1000) if has_dvt else Overlap(0, 0, 0, 1000),
        profile=Profile(np.arange(20.0), evidence),
        slice_truth=truth,
        named=90,
        nameable=100,
        voxel_ml=0.01,
        snapshots=(snapshot(Failure.MISSED),) * (has_dvt and not found)
        + (snapshot(Failure.FALSE, 0.3),) * false,
        seconds=1.0,
    )
