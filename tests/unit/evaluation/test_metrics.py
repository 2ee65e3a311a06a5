import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deepvein.core.errors import MaskError
from deepvein.evaluation.metrics import Overlap, overlap, volume_error_ml
from deepvein.volumes.grid import Grid

masks = hnp.arrays(bool, (3, 4, 5))


def drawn(*rows: str) -> np.ndarray:
    return np.array([[[mark == "#" for mark in row] for row in rows]])


def test_hand_drawn_masks():
    prediction = drawn("##..", "##..", "....")
    reference = drawn(".##.", ".##.", ".##.")
    counts = overlap(prediction, reference)
    assert counts == Overlap(2, 2, 4, 4)
    assert counts.dice == pytest.approx(4 / 10)
    assert counts.precision == pytest.approx(2 / 4)
    assert counts.recall == pytest.approx(2 / 6)
    assert counts.specificity == pytest.approx(4 / 6)
    assert counts.foreground_iou == pytest.approx(2 / 8)
    assert counts.background_iou == pytest.approx(4 / 10)
    assert counts.two_class_iou == pytest.approx(0.325)


EMPTY, FULL = np.zeros((2, 2, 2), bool), np.ones((2, 2, 2), bool)


@pytest.mark.parametrize(
    ("prediction", "reference", "expected"),
    [(EMPTY, EMPTY, 1.0), (EMPTY, FULL, 0.0), (FULL, EMPTY, 0.0), (FULL, FULL, 1.0)],
)
def test_the_rule_for_empty_masks(prediction, reference, expected: float):
    counts = overlap(prediction, reference)
    for score in (counts.dice, counts.precision, counts.recall, counts.foreground_iou):
        assert score == expected


def test_finding_nothing_has_half_of_the_two_class_iou():
    reference = np.zeros((1, 100, 100), bool)
    reference[0, 0, 0] = True
    nothing = overlap(np.zeros_like(reference), reference)
    assert nothing.two_class_iou == pytest.approx(0.5, abs=1e-4)
    assert nothing.foreground_iou == 0


@given(masks, masks)
def test_identities_that_always_hold(prediction: np.ndarray, reference: np.ndarray):
    ours, swapped = overlap(prediction, reference), overlap(reference, prediction)
    assert ours.dice == swapped.dice
    assert ours.precision == swapped.recall
    iou = ours.foreground_iou
    assert ours.dice == pytest.approx(2 * iou / (1 + iou))
    assert iou <= ours.dice
    both = [ours.true_positives, ours.false_positives, ours.false_negatives, ours.true_negatives]
    assert sum(both) == reference.size


@settings(max_examples=20)
@given(masks.filter(np.any), masks.filter(np.any))
def test_agrees_with_scikit_learn(prediction: np.ndarray, reference: np.ndarray):
    from sklearn import metrics

    counts = overlap(prediction, reference)
    truth, said = reference.ravel(), prediction.ravel()
    assert counts.dice == pytest.approx(metrics.f1_score(truth, said))
    assert counts.precision == pytest.approx(metrics.precision_score(truth, said))
    assert counts.recall == pytest.approx(metrics.recall_score(truth, said))
    assert counts.foreground_iou == pytest.approx(metrics.jaccard_score(truth, said))


@given(masks, masks, st.integers(1, 2))
def test_parts_of_a_study_add_up_to_the_whole(prediction, reference, cut: int):
    parts = [overlap(prediction[p], reference[p]) for p in (slice(None, cut), slice(cut, None))]
    assert parts[0] + parts[1] == overlap(prediction, reference)


def test_volume_error_is_signed():
    grid = Grid.from_directions((1, 3, 4), (10.0, 10.0, 10.0))
    prediction, reference = drawn("##..", "##..", "...."), drawn(".##.", ".##.", ".##.")
    assert volume_error_ml(prediction, reference, grid) == pytest.approx(-2.0)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_numbers_are_no_masks(kind: type):
    mask = drawn("##..")
    with pytest.raises(MaskError, match="give True and False"):
        overlap(mask, mask.astype(kind) * 2)


def test_masks_of_other_shapes_are_refused():
    with pytest.raises(MaskError, match=r"\(1, 2, 2\)"):
        overlap(np.zeros((1, 2, 2), bool), np.zeros((1, 2, 3), bool))
