"""Figures with intervals: patients are drawn with replacement, all slices and pixels of one together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import CohortError
from deepvein.evaluation.artefacts import ArtefactRates, artefact_rates
from deepvein.evaluation.curves import auroc, average_precision
from deepvein.evaluation.delong import clustered_delong, delong
from deepvein.evaluation.metrics import Overlap
from deepvein.evaluation.pixels import PixelTally, concordance
from deepvein.evaluation.statistics import (
    Estimate,
    bootstrap,
    bootstrap_many,
)
from deepvein.evaluation.studies import of_studies, surprise
from deepvein.laboratory.kozemzak2019.results import SegmentationResults, SliceResults

ARTEFACT = 0.3
"""A slice shows a mixing artefact if so much of a vein's enhancement is missing there."""

NAN = float("nan")
UNKNOWN = Estimate(NAN, NAN, NAN)


@dataclass(frozen=True)
class SegmentationScores:
    """Over all pixels of a split: Dice, IoU of the foreground, mean IoU of both classes, AUROC."""

    dice: Estimate
    foreground_iou: Estimate
    two_class_iou: Estimate
    auroc: Estimate


@dataclass(frozen=True)
class ClassificationScores:
    """Over all slices of a split; study: one row a study, by its highest slice and by the noisy-or."""

    auroc: Estimate
    average_precision: Estimate
    study_maximum: Estimate
    study_noisy_or: Estimate


def segmentation_scores(
    results: SegmentationResults, draws: int, truth: str = "drawn", seed: int = 0
) -> SegmentationScores:
    """All NaN for no study."""
    counts = results.counts(truth)
    if not len(counts):
        return SegmentationScores(*(UNKNOWN,) * 4)
    confusions = [PixelTally(each).overlap() for each in counts]
    pairs, sizes = concordance(counts), counts.sum(2).astype(np.float64)

    def of(rows: NDArray[np.int64]) -> tuple[float, float, float, float]:
        both = sum((confusions[row] for row in rows), start=Overlap(0, 0, 0, 0))
        times = np.bincount(rows, minlength=len(counts)).astype(np.float64)
        background, foreground = times @ sizes
        every = background * foreground
        area = float(times @ pairs @ times / every) if every else NAN
        return both.dice, both.foreground_iou, both.two_class_iou, area

    return SegmentationScores(*bootstrap_many(of, results.patients, seed, draws))


def classification_scores(
    results: SliceResults, draws: int, *, exact: bool = False, seed: int = 0
) -> ClassificationScores:
    """All NaN for no slice. exact: against what is there and not what was annotated."""
    if not results.rows:
        return ClassificationScores(*(UNKNOWN,) * 4)
    truth = results.exact if exact else results.truth
    probability = results.probability

    def slices(rows: NDArray[np.int64]) -> tuple[float, float]:
        return (
            auroc(probability[rows], truth[rows]),
            average_precision(probability[rows], truth[rows]),
        )

    studies = of_studies(results.cases, probability, truth)
    patient_of = dict(zip(results.cases, results.patients, strict=True))
    case = np.array(results.cases)
    sums = np.array([surprise(probability[case == name]) for name in studies.studies])

    def of_study(rows: NDArray[np.int64]) -> tuple[float, float]:
        return (
            auroc(studies.maximum[rows], studies.truth[rows]),
            auroc(sums[rows], studies.truth[rows]),
        )

    return ClassificationScores(
        *bootstrap_many(slices, results.patients, seed, draws),
        *bootstrap_many(of_study, [patient_of[name] for name in studies.studies], seed, draws),
    )


def rates(results: SliceResults, sensitivity: float = 0.9) -> ArtefactRates | None:
    """False positives on slices with and without artefact, against the exact truth; None where artefacts
    are not known or no slice is positive."""
    if not results.knows_artefacts:
        return None
    try:
        return artefact_rates(
            results.probability, results.exact, results.artefact >= ARTEFACT, sensitivity
        )
    except CohortError:
        return None


def rate_estimates(
    results: SliceResults, draws: int, sensitivity: float = 0.9, seed: int = 0
) -> tuple[Estimate, Estimate]:
    """The two false-positive rates with intervals."""
    p, truth, artefact = results.probability, results.exact, results.artefact >= ARTEFACT

    def of(rows: NDArray[np.int64]) -> tuple[float, float]:
        try:
            found = artefact_rates(p[rows], truth[rows], artefact[rows], sensitivity)
        except CohortError:
            return NAN, NAN
        return found.artefact, found.clear

    with_artefact, clear = bootstrap_many(of, results.patients, seed, draws)
    return with_artefact, clear


@dataclass(frozen=True)
class Compared:
    """Two classifiers of the same slices. difference: AUROC of the second minus that of the first, its interval
    over patients; by_patient: p of Obuchowski's test, by_slice: of DeLong's, which takes slices as independent
    and is too small therefore; NaN where a test cannot be made."""

    difference: Estimate
    by_patient: float
    by_slice: float


def compared(first: SliceResults, second: SliceResults, draws: int, seed: int = 0) -> Compared:
    """All NaN for no slice, and for classifiers of different slices."""
    slices = [[(row.case, row.slice) for row in one.rows] for one in (first, second)]
    if slices[0] != slices[1] or not slices[0]:
        return Compared(UNKNOWN, NAN, NAN)
    truth, scores = first.truth, (first.probability, second.probability)

    def difference(rows: NDArray[np.int64]) -> float:
        return auroc(scores[1][rows], truth[rows]) - auroc(scores[0][rows], truth[rows])

    found = bootstrap(difference, first.patients, seed, draws)
    try:
        return Compared(
            found, clustered_delong(*scores, truth, first.patients), delong(*scores, truth)
        )
    except CohortError:
        return Compared(found, NAN, NAN)
