import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics

from deepvein.core.errors import CohortError
from deepvein.evaluation.curves import Tally, auroc, average_precision, precision_recall, roc
from deepvein.evaluation.pixels import PixelTally

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
    joined = PixelTally.of(first, truth).tally + PixelTally.of(second, ~truth).tally
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


def test_scores_that_differ_by_rounding_alone_are_ties():
    truth = [0, 1, 0, 1, 1, 0]
    plain = np.array([0.3, 0.3, 0.1, 0.3, 0.7, 0.7])
    noisy = (plain * 3 + 0.3) / 3 - 0.1
    assert len(np.unique(noisy)) >= 3
    assert auroc(noisy, truth) == auroc(plain, truth)
    lowest = Tally.of(noisy, truth).scores
    assert (noisy[:, None] >= lowest).any(axis=1).all()
    assert auroc([1e-9, 2e-9], [0, 1]) == 1


@pytest.mark.parametrize("truth", [[0, None], [0, float("nan")], [0, 2], ["no", "yes"]])
def test_a_truth_is_zero_or_one(truth: list[object]):
    with pytest.raises(CohortError, match="a truth is 0 or 1"):
        Tally.of([0.1, 0.2], truth)


def test_what_does_not_belong_together_is_refused_and_what_is_missing_is_nan():
    assert np.isnan(auroc([0.1, float("nan"), 0.3], [0, 1, 1]))
    assert np.isnan(average_precision([0.1, float("nan"), 0.3], [0, 1, 1]))
    for measure in (auroc, average_precision):
        with pytest.raises(CohortError, match="do not belong together"):
            measure([0.1, 0.2], [0, 1, 1])
        with pytest.raises(CohortError, match="a truth is 0 or 1"):
            measure([0.1, 0.2], ["no", "yes"])
