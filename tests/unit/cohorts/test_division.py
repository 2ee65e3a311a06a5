from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.division import check_division, check_folds, require_folds, require_splits
from deepvein.core.errors import CohortError
from unit.cohorts.tiny_cohort import make


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    return make(tmp_path, n=3)


def folded(cohort: Cohort, *folds: int | None) -> Cohort:
    cases = zip(cohort.cases, folds, strict=True)
    return replace(cohort, cases=tuple(replace(case, fold=fold) for case, fold in cases))


def test_folds_are_all_that_are_tested_or_none(cohort: Cohort) -> None:
    assert require_folds(folded(cohort, 1, 0, 2), 3)
    assert not require_folds(cohort, 3)
    with pytest.raises(CohortError, match="the folds 1, 2, 3, and the folds 0 to 2"):
        require_folds(folded(cohort, 1, 2, 3), 3)
    with pytest.raises(CohortError, match="the folds 0, 1, and the folds 0 to 2"):
        require_folds(folded(cohort, 0, 1, 1), 3)
    with pytest.raises(CohortError, match="no fold for 'case1'"):
        require_folds(folded(cohort, 0, None, 1), 2)
    assert check_folds(folded(cohort, 0, None, 1)).cases == ("case1",)
    assert check_folds(folded(cohort, 0, 2, 1)).text == "folds: 0, 1, 2"


def test_splits_are_all_three_or_none(cohort: Cohort) -> None:
    def divided(*splits: str) -> Cohort:
        cases = zip(cohort.cases, splits, strict=True)
        return replace(cohort, cases=tuple(replace(case, split=split) for case, split in cases))

    assert require_splits(divided("train", "validation", "test"))
    assert not require_splits(cohort)
    with pytest.raises(CohortError, match="no case in validation"):
        require_splits(divided("train", "train", "test"))
    with pytest.raises(CohortError, match="no split for 'case2'"):
        require_splits(divided("train", "test", ""))
    assert check_division(divided("train", "test", "")).cases == ("case2",)
