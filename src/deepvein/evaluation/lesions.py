"""Thrombi found and missed: matching, sensitivity, false positives a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import CohortError, MaskError
from deepvein.findings.finding import Finding
from deepvein.volumes.components import components

RATES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""False positives a study at which a FROC curve is read (van Ginneken 2010, Med Image Anal 14:707)."""


@dataclass(frozen=True)
class Candidate:
    """One predicted thrombus: its probability and the reference lesions that it hits."""

    probability: float
    hits: tuple[int, ...]


@dataclass(frozen=True)
class Lesion:
    """One reference thrombus: its number, its volume in voxels, and the highest probability of the
    candidates that hit it, None if none does."""

    number: int
    voxels: int
    probability: float | None


@dataclass(frozen=True)
class Matching:
    """What was found in one study."""

    candidates: tuple[Candidate, ...]
    lesions: tuple[Lesion, ...]

    @property
    def false_positives(self) -> tuple[float, ...]:
        """Probabilities of the candidates that hit no reference lesion."""
        return tuple(c.probability for c in self.candidates if not c.hits)

    def reported(self, least: float) -> Matching:
        """What is left if candidates less probable than `least`, [0, 1], are not reported."""
        lesions = tuple(
            lesion
            if lesion.probability is None or lesion.probability >= least
            else replace(lesion, probability=None)
            for lesion in self.lesions
        )
        return Matching(tuple(c for c in self.candidates if c.probability >= least), lesions)


def match(
    findings: Sequence[Finding], reference: NDArray[np.integer], least_overlap: float = 0.1
) -> Matching:
    """Findings against an instance map (0 none, 1..n one number a thrombus) on the same grid.

    A finding hits a lesion if at least `least_overlap` of the finding's voxels lie in it: it then points
    at the lesion. A finding may hit several lesions (it joined them) and a lesion may be hit by several
    findings (it was found in pieces): neither is a false positive.
    """
    hits: dict[int, float] = {}
    candidates = []
    for finding in findings:
        if len(finding.indices) and (finding.indices.max(axis=0) >= reference.shape).any():
            raise MaskError(
                f"a finding reaches beyond the reference of shape {reference.shape}: they must lie on "
                "one grid"
            )
        values = reference[tuple(finding.indices.T)]
        numbers, counts = np.unique(values[values > 0], return_counts=True)
        hit = numbers[counts >= least_overlap * len(values)]
        candidates.append(Candidate(finding.probability, tuple(int(n) for n in hit)))
        for number in candidates[-1].hits:
            hits[number] = max(hits.get(number, 0.0), finding.probability)
    numbers, counts = _volumes(reference)
    lesions = tuple(
        Lesion(int(n), int(c), hits.get(int(n))) for n, c in zip(numbers, counts, strict=True)
    )
    return Matching(tuple(candidates), lesions)


def instances(thrombi: NDArray[np.integer], *, numbered: bool = True) -> NDArray[np.integer]:
    """An instance map of thrombi: as it is where it has several numbers; where all marks have one, as in masks
    of most programs, or where numbers are those of kinds and not of thrombi (not `numbered`), the 26-connected
    components of what is marked."""
    first = next((plane[plane > 0][0] for plane in thrombi if plane.any()), 0)
    if numbered and any(((plane > 0) & (plane != first)).any() for plane in thrombi):
        return thrombi
    indices, labels = components(thrombi > 0)
    count = int(labels.max(initial=-1)) + 1
    made = np.zeros(thrombi.shape, dtype=np.min_scalar_type(count))
    made[tuple(indices.T)] = labels + 1
    return made


@dataclass(frozen=True, eq=False)
class Froc:
    """Free-response ROC: with each threshold (descending) lesion sensitivity and false positives a study."""

    thresholds: NDArray[np.float64]
    false_positives_per_study: NDArray[np.float64]
    sensitivity: NDArray[np.float64]

    def at(self, rate: float) -> float:
        """The highest sensitivity that some threshold reaches with at most `rate` false positives a study;
        0 if none does."""
        reached = self.sensitivity[self.false_positives_per_study <= rate]
        return float(reached.max(initial=0.0))

    @property
    def score(self) -> float:
        """Mean sensitivity at RATES."""
        return float(np.mean([self.at(rate) for rate in RATES]))


def froc(studies: Sequence[Matching]) -> Froc:
    """FROC over studies; studies without lesions add false positives only.

    Raises CohortError without any study or any reference lesion, and for a probability that is NaN.
    """
    lesions = [lesion for study in studies for lesion in study.lesions]
    if not lesions:
        raise CohortError("a FROC curve needs studies with one reference lesion or more")
    found = np.array([lesion.probability for lesion in lesions if lesion.probability is not None])
    wrong = np.array([p for study in studies for p in study.false_positives])
    if np.isnan([*found, *wrong]).any():
        raise CohortError("a candidate has no probability (NaN): leave its study out")
    thresholds = np.unique(np.concatenate([found, wrong, [np.inf]]))[::-1]
    detected = len(found) - np.searchsorted(np.sort(found), thresholds, "left")
    alarms = len(wrong) - np.searchsorted(np.sort(wrong), thresholds, "left")
    return Froc(thresholds, alarms / len(studies), detected / len(lesions))


def _volumes(reference: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    totals: dict[int, int] = {}
    for plane in reference:
        numbers, counts = np.unique(plane[plane > 0], return_counts=True)
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            totals[number] = totals.get(number, 0) + count
    ordered = sorted(totals)
    return np.array(ordered, dtype=np.int64), np.array([totals[n] for n in ordered], dtype=np.int64)
