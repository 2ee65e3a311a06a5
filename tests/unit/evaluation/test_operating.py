import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.core.errors import CohortError
from deepvein.evaluation.operating import by_specificity

SEVEN = [0.1, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9], [0, 0, 1, 0, 1, 0, 1], "seven studies"


@pytest.mark.parametrize(
    ("least", "threshold", "sensitivity", "specificity"),
    [(0.9, 0.85, 1 / 3, 1), (0.75, 0.65, 2 / 3, 3 / 4), (0.5, 0.3, 1, 1 / 2), (0.0, 0.3, 1, 1 / 2)],
)
def test_the_most_sensitive_threshold_of_a_wanted_specificity(
    least: float, threshold: float, sensitivity: float, specificity: float
):
    point = by_specificity(*SEVEN, least)
    assert point.threshold == pytest.approx(threshold)
    assert (point.sensitivity, point.specificity) == pytest.approx((sensitivity, specificity))
    assert point.measured_on == "seven studies"


def test_where_the_most_suspicious_study_is_well_the_most_specific_threshold_is_taken():
    point = by_specificity([0.2, 0.3, 0.9], [0, 1, 0], "")
    assert point.threshold == pytest.approx(0.6)
    assert (point.sensitivity, point.specificity) == (0, 1 / 2)
    assert point.name == "specificity 90 %"


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=40).filter(
        lambda rows: len({truth for _, truth in rows}) == 2
    )
)
def test_the_threshold_reaches_what_it_says(rows: list[tuple[float, bool]]):
    p, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    point = by_specificity(p, y, "")
    called = p >= point.threshold
    assert called[y].mean() == pytest.approx(point.sensitivity)
    assert 1 - called[~y].mean() == pytest.approx(point.specificity)


def test_what_cannot_be_chosen_is_refused():
    with pytest.raises(CohortError, match="positive and negative"):
        by_specificity([0.1, 0.9], [1, 1], "")
