from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.core.errors import CohortError
from deepvein.evaluation.studies import noisy_or, of_studies, surprise

PROBABILITIES = st.lists(st.floats(0, 0.999), max_size=20)


@given(PROBABILITIES)
def test_noisy_or_is_one_minus_the_product(values: list[float]) -> None:
    expected = 1 - np.prod([1 - p for p in values]) if values else 0.0
    assert noisy_or(values) == pytest.approx(expected)
    assert noisy_or(values) >= max(values, default=0.0) - 1e-12


@given(PROBABILITIES, PROBABILITIES)
def test_surprise_orders_as_noisy_or(first: list[float], second: list[float]) -> None:
    if noisy_or(first) < noisy_or(second) - 1e-9:
        assert surprise(first) < surprise(second)


def test_a_certain_slice_makes_a_certain_study() -> None:
    assert noisy_or([0.2, 1.0]) == 1.0


def test_slices_are_gathered_by_study() -> None:
    scores = of_studies(["b", "a", "b"], [0.1, 0.5, 0.3], [0, 0, 1])
    assert scores.studies == ("b", "a")
    assert scores.truth.tolist() == [True, False]
    assert scores.maximum.tolist() == [0.3, 0.5]
    assert scores.noisy_or.tolist() == pytest.approx([1 - 0.9 * 0.7, 0.5])


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(CohortError, match="do not belong"):
        of_studies(["a"], [0.1, 0.2], [0, 1])
    with pytest.raises(CohortError, match="within 0 and 1"):
        noisy_or([1.5])


def test_no_slice_is_a_plain_zero() -> None:
    assert str(noisy_or([])) == str(surprise([])) == "0.0"
    for wrong in ([float("nan")], [2.0], [None]):
        with pytest.raises(CohortError, match="within 0 and 1"):
            surprise(wrong)
