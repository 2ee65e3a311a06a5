"""What came out for one labelled case: what was found beside what is true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.cohorts.case import Case
from deepvein.evaluation.centrelines import CentrelineOverlap
from deepvein.evaluation.curves import auroc
from deepvein.evaluation.lesions import Matching
from deepvein.evaluation.metrics import Overlap
from deepvein.evaluation.segments import SegmentOutcome
from deepvein.evaluation.thrombi import TrueThrombus
from deepvein.findings.finding import Finding
from deepvein.findings.screening import Verdict
from deepvein.inference.prediction import Profile
from deepvein.laboratory.cards.failure_images import Snapshot

GENERATION = 5
"""Raised when the same screening of a case comes to another outcome."""


@dataclass(frozen=True)
class ThrombusOutcome:
    """One true thrombus.

    probability: of the likeliest finding that hits it, None if none does, however improbable.
    dice: of the reported findings that hit it, as far as they lie in no other thrombus, at probability
    0.5; 0 if none is reported.
    """

    truth: TrueThrombus
    probability: float | None
    dice: float

    @property
    def text(self) -> str:
        """What it is, and for one that is not reported how near that was."""
        if self.probability is None:
            return self.truth.text
        return f"{self.truth.text}, seen with probability {self.probability:.2f}"


@dataclass(frozen=True, eq=False)
class Outcome:
    """One case.

    findings: all of them, the improbable too, without their voxels; those of `least_probability` or more
    are reported, and on these alone stand verdict, probability, segments and snapshots.
    features: (n, k) of the n findings, `findings.features` under these k feature_names.
    in_vein: for each finding the share of its voxels that lie in a true deep vein.
    matching: all findings against the true thrombi.
    veins, thrombus: voxel counts at probability 0.5; centreline: that of the deep veins.
    slice_truth: (m,) whether the section at each of the m positions of the profile shows thrombus.
    named, nameable: deep-vein voxels whose territory is their own segment, and all of them.
    snapshots: the failures, to be shown.
    """

    case: Case
    has_dvt: bool
    verdict: Verdict
    probability: float | None
    least_probability: float
    findings: tuple[Finding, ...]
    features: NDArray[np.float64]
    feature_names: tuple[str, ...]
    in_vein: tuple[float, ...]
    matching: Matching
    thrombi: tuple[ThrombusOutcome, ...]
    segments: tuple[SegmentOutcome, ...]
    veins: Overlap
    centreline: CentrelineOverlap
    thrombus: Overlap
    profile: Profile
    slice_truth: NDArray[np.bool_]
    named: int
    nameable: int
    voxel_ml: float
    snapshots: tuple[Snapshot, ...]
    seconds: float

    @property
    def shows_veins(self) -> bool:
        """Whether any deep vein is labelled, so that how well they are found can be told."""
        return self.veins.true_positives + self.veins.false_negatives > 0

    @property
    def reported(self) -> Matching:
        """The reported findings against the true thrombi."""
        return self.matching.reported(self.least_probability)

    @property
    def missed(self) -> tuple[ThrombusOutcome, ...]:
        """The true thrombi that no reported finding hits."""
        return tuple(one for one in self.thrombi if not self.is_found(one))

    def is_found(self, thrombus: ThrombusOutcome) -> bool:
        """Whether a reported finding hits one of this case's true thrombi."""
        found = thrombus.probability
        return found is not None and found >= self.least_probability

    @property
    def false_findings(self) -> tuple[tuple[Finding, float], ...]:
        """The reported findings that hit no true thrombus, each with its share in true deep veins."""
        return tuple(
            (finding, share)
            for finding, candidate, share in zip(
                self.findings, self.matching.candidates, self.in_vein, strict=True
            )
            if not candidate.hits and candidate.probability >= self.least_probability
        )


def study_probabilities(
    outcomes: Sequence[Outcome],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(n,) probabilities and truth of the n studies that could be assessed."""
    judged = [row for row in outcomes if row.probability is not None]
    return (
        np.array([row.probability for row in judged], dtype=np.float64),
        np.array([row.has_dvt for row in judged], dtype=np.bool_),
    )


def study_auroc(outcomes: Sequence[Outcome]) -> float:
    """Of the studies that could be assessed; NaN unless some have DVT and some do not."""
    probability, truth = study_probabilities(outcomes)
    return auroc(probability, truth) if 0 < truth.sum() < len(truth) else float("nan")
