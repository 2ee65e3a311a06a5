import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.core.errors import CohortError
from deepvein.evaluation.operating import by_youden


def test_youden_takes_the_best_sum():
    point = by_youden([0.1, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9], [0, 0, 1, 0, 1, 0, 1], "seven studies")
    assert point.threshold == pytest.approx(0.3)
    assert (point.sensitivity, point.specificity) == pytest.approx((1, 1 / 2))
    assert point.measured_on == "seven studies"


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=40).filter(
        lambda rows: len({truth for _, truth in rows}) == 2
    )
)
def test_the_threshold_reaches_what_it_says(rows: list[tuple[float, bool]]):
    p, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    point = by_youden(p, y, "")
    called = p >= point.threshold
    assert called[y].mean() == pytest.approx(point.sensitivity)
    assert 1 - called[~y].mean() == pytest.approx(point.specificity)


def test_what_cannot_be_chosen_is_refused():
    with pytest.raises(CohortError, match="positive and negative"):
        by_youden([0.1, 0.9], [1, 1], "")
