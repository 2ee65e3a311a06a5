import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.core.errors import CohortError
from deepvein.evaluation.operating import at_sensitivity, by_youden

P = [0.1, 0.2, 0.4, 0.6, 0.7, 0.9]
Y = [0, 0, 1, 0, 1, 1]


def test_by_hand():
    all_found = at_sensitivity(P, Y, 1.0, "six studies")
    assert all_found.threshold == pytest.approx(0.3)
    assert (all_found.sensitivity, all_found.specificity) == pytest.approx((1, 2 / 3))
    assert all_found.measured_on == "six studies"
    two_of_three = at_sensitivity(P, Y, 0.6, "six studies")
    assert two_of_three.threshold == pytest.approx(0.65)
    assert two_of_three.specificity == 1


def test_youden_takes_the_best_sum():
    point = by_youden(P, Y, "six studies")
    assert point.sensitivity + point.specificity - 1 == pytest.approx(2 / 3)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=40).filter(
        lambda rows: len({truth for _, truth in rows}) == 2
    ),
    st.floats(0.05, 1),
)
def test_the_threshold_reaches_what_it_says(rows: list[tuple[float, bool]], wanted: float):
    p, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    for point in (at_sensitivity(p, y, wanted, ""), by_youden(p, y, "")):
        called = p >= point.threshold
        assert called[y].mean() == pytest.approx(point.sensitivity)
        assert 1 - called[~y].mean() == pytest.approx(point.specificity)
    assert at_sensitivity(p, y, wanted, "").sensitivity >= wanted - 1e-9


def test_what_cannot_be_chosen_is_refused():
    with pytest.raises(CohortError, match="up to 1"):
        at_sensitivity(P, Y, 1.2, "")
    with pytest.raises(CohortError, match="positive and negative"):
        by_youden(P, [1] * 6, "")
