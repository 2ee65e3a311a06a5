from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.labelling import (
    check_labelling,
    has_dvt,
    require_agreement,
    require_labelled,
)
from deepvein.core.errors import CohortError
from unit.cohorts.tiny_cohort import make, with_case


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    return make(tmp_path, n=3)


def test_all_cases_without_masks_are_listed(cohort: Cohort) -> None:
    bare = with_case(cohort, 0, thrombi=None, segments=None)
    bare = with_case(bare, 1, thrombi=None)
    bare = with_case(bare, 2, thrombi=None)
    says = "no segments for 'case0' and no thrombi for 'case0', 'case2' .*, which a test needs"
    with pytest.raises(CohortError, match=says):
        require_labelled(bare, segments=True, thrombi=True, what="a test")
    require_labelled(bare.select(lambda case: case.has_dvt is False), segments=True, thrombi=True,
                     what="a test")  # fmt: skip


def test_cases_without_masks_are_noted_by_kind(cohort: Cohort) -> None:
    assert all(each.passed for each in check_labelling(cohort))
    bare = with_case(with_case(cohort, 0, segments=None), 2, thrombi=None)
    notes = {each.code: each.cases for each in check_labelling(bare) if not each.passed}
    assert notes == {"segments": ("case0",), "thrombi": ("case2",)}


def test_the_mask_tells_where_the_table_is_silent(cohort: Cohort) -> None:
    silent = [replace(case, has_dvt=None) for case in cohort]
    assert [has_dvt(case, cohort.cache) for case in cohort] == [True, False, True]
    assert [has_dvt(case, cohort.cache) for case in silent] == [True, False, True]
    assert has_dvt(replace(silent[0], thrombi=None), cohort.cache) is None
    assert has_dvt(replace(silent[0], thrombi=Path("/gone.nii")), cohort.cache) is None
    assert has_dvt(replace(silent[0], has_dvt=False), cohort.cache) is False


def test_masks_that_contradict_the_table_are_listed(cohort: Cohort) -> None:
    """case1 counted as a study without DVT, whatever its table says."""
    require_agreement(cohort, "the evaluation")
    require_agreement(with_case(cohort, 1, has_dvt=None), "the evaluation")
    require_agreement(with_case(cohort, 1, thrombi=None), "the evaluation")
    torn = with_case(with_case(cohort, 1, has_dvt=True), 2, has_dvt=False)
    with pytest.raises(CohortError, match=r"contradicts the thrombus mask of 'case1', 'case2' in"):
        require_agreement(torn, "the evaluation")
