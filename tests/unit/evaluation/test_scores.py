from __future__ import annotations

import numpy as np
import pytest

from deepvein.core.errors import CohortError
from deepvein.evaluation.scores import binary, numbers


class _Na:
    def __str__(self) -> str:
        return "<NA>"


@pytest.mark.parametrize(
    "values", [[1.0, None], [1, _Na()], [1.0, np.nan], np.ma.array([1, 7], mask=[False, True])]
)
def test_what_is_missing_is_not_a_number(values: object) -> None:
    np.testing.assert_array_equal(numbers(values), [1.0, np.nan])
    with pytest.raises(CohortError, match=r"a truth is 0 or 1, got .* for case 2 of 2"):
        binary(values)


def test_words_are_refused_and_numbers_stay() -> None:
    with pytest.raises(CohortError, match="a figure or score is a number: .*high"):
        numbers([0.5, "high"])
    assert numbers([]).tolist() == []
    assert numbers([[1, 0], [2, 3]]).tolist() == [[1.0, 0.0], [2.0, 3.0]]
