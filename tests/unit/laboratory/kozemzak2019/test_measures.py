from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from deepvein.evaluation.pixels import PixelTally
from deepvein.laboratory.kozemzak2019.measures import (
    classification_scores,
    compared,
    rates,
    segmentation_scores,
)
from deepvein.laboratory.kozemzak2019.results import (
    SegmentationResults,
    SliceResults,
    SliceRow,
    StudyPixels,
)


def results(seed: int = 0, known: bool = True) -> SliceResults:
    rng = np.random.default_rng(seed)
    rows = []
    for case in range(8):
        for index in range(12):
            truth = int(case % 2 == 0 and index > 8)
            p = float(np.clip(rng.normal(0.3 + 0.3 * truth, 0.2), 0, 1))
            artefact = float(index < 4) if known else -1.0
            rows.append(
                SliceRow(f"c{case}", f"p{case // 2}", "test", index, p, truth, truth, artefact)
            )
    return SliceResults(tuple(rows))


def test_slice_scores_are_those_of_scikit_learn() -> None:
    found = results()
    scores = classification_scores(found, 50)
    assert scores.auroc.value == pytest.approx(roc_auc_score(found.truth, found.probability))
    expected = average_precision_score(found.truth, found.probability)
    assert scores.average_precision.value == pytest.approx(expected)
    assert scores.auroc.low <= scores.auroc.value <= scores.auroc.high


def test_study_scores_are_of_the_highest_slice() -> None:
    found = results()
    highest = [max(r.probability for r in found.rows if r.case == f"c{k}") for k in range(8)]
    expected = roc_auc_score([k % 2 == 0 for k in range(8)], highest)
    assert classification_scores(found, 10).study_maximum.value == pytest.approx(expected)


def test_pixels_of_a_split_are_pooled() -> None:
    rng = np.random.default_rng(0)
    levels = rng.integers(0, 256, (4, 10, 10)).astype(np.uint8)
    truth = rng.random(levels.shape) < 0.3
    studies = tuple(
        StudyPixels(f"c{k}", f"p{k}", "test", PixelTally.of(levels[k], truth[k]), None)
        for k in range(4)
    )
    scores = segmentation_scores(SegmentationResults(studies), 20)
    whole = PixelTally.of(levels, truth)
    assert scores.dice.value == pytest.approx(whole.overlap().dice)
    assert scores.auroc.value == pytest.approx(roc_auc_score(truth.ravel(), levels.ravel()))
    assert scores.two_class_iou.value > scores.foreground_iou.value


def test_nothing_measured_gives_nothing() -> None:
    assert np.isnan(classification_scores(SliceResults(()), 10).auroc.value)
    assert np.isnan(segmentation_scores(SegmentationResults(()), 10).dice.value)


def test_artefact_rates_need_known_artefacts() -> None:
    rate = rates(results())
    assert rate is not None
    assert rate.artefact_slices == 32
    assert rates(results(known=False)) is None


def test_a_classifier_does_not_differ_from_itself() -> None:
    found = results()
    same = compared(found, found, 20)
    assert (same.difference.value, same.by_patient, same.by_slice) == (0, 1, 1)
    other = replace(found, rows=found.rows[1:])
    assert np.isnan(compared(found, other, 20).by_patient)
    assert np.isnan(compared(replace(found, rows=()), replace(found, rows=()), 20).by_slice)


def test_slices_that_a_patient_repeats_tell_nothing_more() -> None:
    """Ten copies of every slice: the patients are as many as before."""
    first, second = results(0), results(1)
    tenfold = [
        replace(
            one,
            rows=tuple(
                replace(row, slice=10 * row.slice + n) for row in one.rows for n in range(10)
            ),
        )
        for one in (first, second)
    ]
    once, often = compared(first, second, 100), compared(*tenfold, 100)
    assert often.by_patient == pytest.approx(once.by_patient)
    assert often.difference.value == pytest.approx(once.difference.value)
    assert often.by_slice < once.by_slice
