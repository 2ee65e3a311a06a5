import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics

from deepvein.core.errors import CohortError
from deepvein.evaluation.curves import Tally, auroc, average_precision, precision_recall, roc

cases = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=60).filter(
    lambda rows: len({truth for _, truth in rows}) == 2
)


@settings(max_examples=30)
@given(cases)
def test_agrees_with_scikit_learn_ties_included(rows: list[tuple[int, bool]]):
    scores, truth = np.array(rows, dtype=float).T
    assert auroc(scores, truth) == pytest.approx(metrics.roc_auc_score(truth, scores))
    assert average_precision(scores, truth) == pytest.approx(
        metrics.average_precision_score(truth, scores)
    )
    curve = roc(Tally.of(scores, truth))
    false, true, thresholds = metrics.roc_curve(truth, scores, drop_intermediate=False)
    assert curve.false_positive_rate == pytest.approx(false)
    assert curve.sensitivity == pytest.approx(true)
    assert curve.thresholds == pytest.approx(thresholds)


@settings(max_examples=30)
@given(cases)
def test_precision_recall_agrees_with_scikit_learn(rows: list[tuple[int, bool]]):
    scores, truth = np.array(rows, dtype=float).T
    ours = precision_recall(Tally.of(scores, truth))
    precision, recall, thresholds = metrics.precision_recall_curve(truth, scores)
    assert ours.precision[::-1] == pytest.approx(precision[:-1])
    assert ours.recall[::-1] == pytest.approx(recall[:-1])
    assert ours.thresholds[::-1] == pytest.approx(thresholds)


@given(cases)
def test_reversed_scores_reverse_the_area(rows: list[tuple[int, bool]]):
    scores, truth = np.array(rows, dtype=float).T
    assert auroc(-scores, truth) == pytest.approx(1 - auroc(scores, truth))


@settings(max_examples=20)
@given(
    hnp.arrays(np.uint8, (2, 3, 4)), hnp.arrays(bool, (2, 3, 4)), hnp.arrays(np.uint8, (2, 3, 4))
)
def test_byte_tallies_add_up_to_all_pixels_at_once(first, truth, second):
    joined = Tally.of_bytes(first, truth) + Tally.of_bytes(second, ~truth)
    scores = np.concatenate([first.ravel(), second.ravel()]) / 255
    labels = np.concatenate([truth.ravel(), ~truth.ravel()])
    assert len(joined.scores) == 256
    assert roc(joined).area == pytest.approx(metrics.roc_auc_score(labels, scores))
    assert precision_recall(joined).average_precision == pytest.approx(
        metrics.average_precision_score(labels, scores)
    )


def test_tallies_of_other_scores_merge():
    one = Tally.of([0.1, 0.5], [0, 1]) + Tally.of([0.5, 0.9], [0, 1])
    assert one.scores.tolist() == [0.1, 0.5, 0.9]
    assert one.positives.tolist() == [0, 1, 1]
    assert one.negatives.tolist() == [1, 1, 0]


def test_one_outcome_alone_has_no_curve():
    with pytest.raises(CohortError, match="positive and negative"):
        roc(Tally.of([0.1, 0.2], [0, 0]))
    with pytest.raises(CohortError, match="positive"):
        precision_recall(Tally.of([], []))
    assert np.isnan(auroc([0.1, 0.2], [1, 1]))
    assert np.isnan(average_precision([0.1], [0]))


def test_scores_that_do_not_fit_are_refused():
    with pytest.raises(CohortError, match="2 scores and 1 truths"):
        Tally.of([0.1, 0.2], [1])
    with pytest.raises(CohortError, match="finite"):
        Tally.of([np.nan], [1])
