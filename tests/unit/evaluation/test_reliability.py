import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.core.errors import CohortError
from deepvein.evaluation.reliability import reliability


def test_by_hand():
    result = reliability([0.1, 0.15, 0.85, 0.95], [0, 1, 1, 1], bins=5)
    assert result.edges.tolist() == [[0.0, 0.2], [0.8, 1.0]]
    assert result.mean_probability == pytest.approx([0.125, 0.9])
    assert result.frequency == pytest.approx([0.5, 1.0])
    assert result.counts.tolist() == [2, 2]
    assert result.expected_error == pytest.approx((0.375 + 0.1) / 2)
    assert result.brier == pytest.approx((0.01 + 0.7225 + 0.0225 + 0.0025) / 4)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_agrees_with_scikit_learn(rows: list[tuple[float, bool]]):
    from sklearn.metrics import brier_score_loss

    p, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    result = reliability(p, y)
    assert result.brier == pytest.approx(brier_score_loss(y, p, pos_label=True))
    assert result.counts.sum() == len(rows)
    assert 0 <= result.expected_error <= 1


def test_honest_probabilities_have_a_small_error():
    rng = np.random.default_rng(0)
    p = rng.random(50_000)
    assert reliability(p, rng.random(50_000) < p).expected_error < 0.01
    assert reliability(p, rng.random(50_000) < p**2).expected_error > 0.1


@pytest.mark.parametrize(("p", "y"), [([], []), ([0.5], [1, 0]), ([1.5], [1])])
def test_what_cannot_be_judged_is_refused(p: list[float], y: list[int]):
    with pytest.raises(CohortError):
        reliability(p, y)


def test_no_bin_is_refused():
    with pytest.raises(CohortError, match="one bin or more, got 0"):
        reliability([0.5], [1], bins=0)
