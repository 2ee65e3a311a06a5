from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deepvein.cohorts.case import Case
from deepvein.cohorts.checks import check, require
from deepvein.cohorts.cohort import Cohort
from deepvein.core.errors import CohortError
from deepvein.volumes.grid import Grid
from unit.cohorts.tiny_cohort import SHAPE, SPACING, arrays, make, write


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    return make(tmp_path, n=3)


def failed(cohort: Cohort) -> dict[str, tuple[str, ...]]:
    return {each.code: each.cases for each in check(cohort) if not each.passed}


def with_case(cohort: Cohort, place: int, **changes: object) -> Cohort:
    cases = list(cohort.cases)
    cases[place] = replace(cases[place], **changes)
    return replace(cohort, cases=tuple(cases))


def test_a_sound_cohort_passes(cohort: Cohort) -> None:
    outcomes = check(cohort)
    assert all(each.passed for each in outcomes)
    assert len({each.code for each in outcomes}) == 7
    require(cohort)


def test_each_fault_is_found(cohort: Cohort, tmp_path: Path) -> None:
    assert failed(with_case(cohort, 1, case="case0")) == {"names": ("case0",)}
    assert failed(with_case(cohort, 1, segments=tmp_path / "lost.nii")) == {"files": ("case1",)}
    torn = with_case(with_case(cohort, 0, split="train"), 1, patient="p0", split="test")
    assert failed(torn) == {"patients": ("case0", "case1")}
    assert failed(with_case(cohort, 2, has_dvt=False)) == {"labels": ("case2",)}
    moved = write(arrays(dvt=True)[2], Grid.from_directions(SHAPE, SPACING), tmp_path / "moved.nii")
    assert failed(with_case(cohort, 1, thrombi=moved)) == {"grids": ("case1",)}


def test_one_class_alone_is_no_fatal_fault(cohort: Cohort) -> None:
    sick = cohort.select(lambda case: bool(case.has_dvt))
    assert failed(sick) == {"classes": ()}
    require(sick)


def test_require_says_what_is_wrong(cohort: Cohort) -> None:
    def bare(case: Case) -> Case:
        return replace(case, segments=None, thrombi=None, has_dvt=None)

    with pytest.raises(CohortError, match="nothing to learn"):
        require(replace(cohort, cases=tuple(bare(case) for case in cohort)))
