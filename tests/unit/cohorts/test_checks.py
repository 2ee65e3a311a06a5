from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from deepvein.cohorts.case import Case
from deepvein.cohorts.checks import (
    check,
    require,
    require_folds,
    require_labelled,
    require_splits,
    require_table,
)
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
    with pytest.raises(CohortError, match="3 things are wrong"):
        require_table(wrong)


def test_remarks_on_masks_are_told_and_not_fatal(cohort: Cohort, tmp_path: Path) -> None:
    mask = arrays(dvt=True)[2] * 255
    grid = Grid.from_directions(SHAPE, SPACING, origin_mm=(-50.0, 10.0, 0.0))
    drawn = with_case(cohort, 0, thrombi=write(mask, grid, tmp_path / "m.nii"))
    assert failed(drawn) == {"remarks": ("case0",)}
    assert "case0: m.nii marks with 255" in check(drawn)[-1].text
    require(drawn)


def test_one_image_under_two_names_is_noted(cohort: Cohort, tmp_path: Path) -> None:
    copy = shutil.copy(cohort.cases[0].image, tmp_path / "copy.nii")
    shutil.copy(cohort.cases[0].segments, tmp_path / "s.nii")
    twin = with_case(cohort, 1, image=Path(copy), segments=tmp_path / "s.nii", thrombi=None)
    assert failed(twin) == {"twins": ("case0", "case1")}
    require(twin)
    assert failed(with_case(twin, 1, patient="p0")) == {}


def test_one_file_for_two_patients_is_refused_by_whatever_path(
    cohort: Cohort, tmp_path: Path
) -> None:
    for name in ("image", "thrombi", "segments"):
        path = getattr(cohort.cases[0], name)
        link = tmp_path / f"other_{name}.nii"
        link.symlink_to(path)
        for other in (path, link):
            found = failed(with_case(cohort, 2, **{name: other}))
            code = "images" if name == "image" else "shared-masks"
            assert found[code] == ("case0", "case2")
            with pytest.raises(CohortError, match="is given to more than one patient"):
                require_table(with_case(cohort, 2, **{name: other}))
    one = with_case(cohort, 2, thrombi=cohort.cases[0].thrombi, patient="p0")
    require_table(one)


def test_an_image_that_is_a_mask_too_is_refused(cohort: Cohort) -> None:
    swapped = with_case(cohort, 0, image=cohort.cases[0].thrombi)
    assert failed(swapped)["images"] == ("case0",)
    with pytest.raises(CohortError, match="the image of 'case0' is given as a mask too"):
        require_table(swapped)


def test_veins_given_as_thrombi_are_refused(cohort: Cohort) -> None:
    same = with_case(cohort, 0, thrombi=cohort.cases[0].segments)
    assert failed(same) == {"grids": ("case0",)}
    with pytest.raises(CohortError, match="mark the very same: every vein would be a thrombus"):
        require(same)


def test_a_mask_of_one_patient_copied_for_another_is_noted(cohort: Cohort, tmp_path: Path) -> None:
    image = arrays(dvt=True)[0] + 3
    grid = Grid.from_directions(SHAPE, SPACING, origin_mm=(-50.0, 10.0, 0.0))
    mask = cohort.cases[0].thrombi
    assert mask is not None
    copied = with_case(
        cohort, 2, image=write(image, grid, tmp_path / "i.nii"), segments=None,
        thrombi=Path(shutil.copy(mask, tmp_path / "t.nii")),
    )  # fmt: skip
    assert failed(copied)["twins"] == ("case0", "case2")


def test_a_mask_that_was_mended_is_read_again(cohort: Cohort, tmp_path: Path) -> None:
    mask = cohort.cases[0].thrombi
    assert mask is not None
    sound = mask.read_bytes()
    mask.write_bytes(sound[:40])
    assert "grids" in failed(cohort)
    mask.write_bytes(sound)
    assert failed(cohort) == {}
    mask.write_bytes(sound[:40])
    assert "grids" in failed(cohort)


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
    assert failed(folded(cohort, 0, None, 1)) == {"folds": ("case1",)}


def test_what_only_some_commands_need_is_a_note(cohort: Cohort) -> None:
    bare = with_case(with_case(cohort, 0, segments=None), 2, thrombi=None, split="test")
    assert failed(bare) == {
        "segments": ("case0",), "thrombi": ("case2",), "division": ("case0", "case1")
    }  # fmt: skip
    require(bare)


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


def test_all_cases_without_masks_are_listed(cohort: Cohort) -> None:
    bare = with_case(cohort, 0, thrombi=None, segments=None)
    bare = with_case(bare, 1, thrombi=None)
    bare = with_case(bare, 2, thrombi=None)
    says = "no segments for 'case0' and no thrombi for 'case0', 'case2' .*, which a test needs"
    with pytest.raises(CohortError, match=says):
        require_labelled(bare, segments=True, thrombi=True, what="a test")
    require_labelled(bare.select(lambda case: case.has_dvt is False), segments=True, thrombi=True,
                     what="a test")  # fmt: skip


def test_patients_who_may_be_one_are_noted(cohort: Cohort) -> None:
    named = with_case(with_case(cohort, 0, patient="Leg 007"), 2, patient="leg-7")
    assert failed(named) == {"alike": ("case0", "case2")}
    assert "is 'Leg 007', 'leg-7' one patient?" in {each.text for each in check(named)}
    require(named)
    assert failed(with_case(with_case(cohort, 0, patient="10"), 1, patient="1")) == {}
