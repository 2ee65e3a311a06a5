from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deepvein.cohorts.case import Case
from deepvein.cohorts.checks import check
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.outcomes import require_passed
from deepvein.core.errors import CohortError
from deepvein.volumes.grid import Grid
from unit.cohorts.tiny_cohort import SHAPE, SPACING, arrays, make, with_case, write


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    return make(tmp_path, n=3)


def failed(cohort: Cohort) -> dict[str, tuple[str, ...]]:
    return {each.code: each.cases for each in check(cohort) if not each.passed}


def require(cohort: Cohort) -> None:
    require_passed(check(cohort))


def test_a_sound_cohort_passes(cohort: Cohort) -> None:
    outcomes = check(cohort)
    assert all(each.passed for each in outcomes)
    assert len({each.code for each in outcomes}) == len(outcomes) == 17
    require(cohort)


def test_each_fault_is_found(cohort: Cohort, tmp_path: Path) -> None:
    assert failed(with_case(cohort, 1, case="case0")) == {"names": ("case0",)}
    assert failed(with_case(cohort, 1, segments=tmp_path / "lost.nii")) == {"files": ("case1",)}
    torn = with_case(cohort, 2, split="validation")
    torn = with_case(with_case(torn, 0, split="train"), 1, patient="p0", split="test")
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


def test_all_that_is_wrong_is_said_at_once(cohort: Cohort) -> None:
    wrong = with_case(cohort, 0, split="Test", has_dvt=False)
    wrong = with_case(wrong, 1, patient="p0", fold=1, image=wrong.cases[2].image)
    with pytest.raises(CohortError) as caught:
        require(wrong)
    for says in (
        "5 things are wrong",
        "patient 'p0' is in more than one split or fold (cases 'case0', 'case1')",
        "the same image is given to more than one patient (cases 'case1', 'case2')",
        "'case0' have the split 'Test'",
        "the segments of case 'case1'",
    ):
        assert says in str(caught.value)


def test_remarks_on_masks_are_told_and_not_fatal(cohort: Cohort, tmp_path: Path) -> None:
    mask = arrays(dvt=True)[2] * 255
    grid = Grid.from_directions(SHAPE, SPACING, origin_mm=(-50.0, 10.0, 0.0))
    drawn = with_case(cohort, 0, thrombi=write(mask, grid, tmp_path / "m.nii"))
    assert failed(drawn) == {"remarks": ("case0",)}
    assert "case0: m.nii marks with 255" in check(drawn)[-1].text
    require(drawn)


def test_what_only_some_commands_need_is_a_note(cohort: Cohort) -> None:
    bare = with_case(with_case(cohort, 0, segments=None), 2, thrombi=None, split="test")
    assert failed(bare) == {
        "segments": ("case0",), "thrombi": ("case2",), "division": ("case0", "case1")
    }  # fmt: skip
    require(bare)
