from __future__ import annotations

from pathlib import Path

import pytest

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.outcomes import CohortCheck
from deepvein.cohorts.table_checks import (
    check_alike,
    check_table,
    load_sound,
    require_owners,
    require_table,
)
from deepvein.core.errors import CohortError
from unit.cohorts.tiny_cohort import make, with_case


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    return make(tmp_path, n=3)


def failed(cohort: Cohort) -> dict[str, CohortCheck]:
    return {each.code: each for each in check_table(cohort) if not each.passed}


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
            assert found[code].cases == ("case0", "case2")
            with pytest.raises(CohortError, match="is given to more than one patient"):
                require_table(with_case(cohort, 2, **{name: other}))
    one = with_case(cohort, 2, thrombi=cohort.cases[0].thrombi, patient="p0")
    require_table(one)


def test_an_image_that_is_a_mask_too_is_refused(cohort: Cohort) -> None:
    swapped = with_case(cohort, 0, image=cohort.cases[0].thrombi)
    assert failed(swapped)["images"].cases == ("case0",)
    with pytest.raises(CohortError, match="the image of 'case0' is given as a mask too"):
        require_table(swapped)


def test_patients_who_may_be_one_are_noted(cohort: Cohort) -> None:
    named = with_case(with_case(cohort, 0, patient="Leg 007"), 2, patient="leg-7")
    note = check_alike(named)
    assert note.cases == ("case0", "case2")
    assert note.text == "is 'Leg 007', 'leg-7' one patient?"
    assert not note.fatal
    assert check_alike(with_case(with_case(cohort, 0, patient="10"), 1, patient="1")).passed


@pytest.mark.parametrize(
    "name", ["01. Mrz", "Mar-03", "4-Apr", "01.02.2024", "2024-02-01 00:00:00"]
)
def test_patients_that_a_spreadsheet_made_dates_are_noted(cohort: Cohort, name: str) -> None:
    note = check_alike(with_case(cohort, 1, patient=name))
    assert (note.cases, note.fatal) == (("case1",), False)
    assert f"{name!r} look like dates" in note.text
    for other in ("Mary-03", "P-3-1", "20240201", "3-1", "April"):
        assert check_alike(with_case(cohort, 1, patient=other)).passed


def test_a_table_is_sound_or_all_of_its_faults_are_said(cohort: Cohort) -> None:
    wrong = with_case(cohort, 0, split="exam")
    wrong = with_case(wrong, 1, patient="p0", fold=1, image=wrong.cases[2].image)
    for read in (require_table, lambda one: load_sound(one.save())):
        with pytest.raises(CohortError, match="3 things are wrong"):
            read(wrong)
    assert load_sound(cohort.save()) == cohort


def test_before_patients_are_divided_only_their_files_are_asked_for(cohort: Cohort) -> None:
    torn = with_case(with_case(cohort, 0, split="train"), 1, patient="p0", split="test")
    require_owners(torn)
    with pytest.raises(CohortError, match="the same image is given to more than one patient"):
        require_owners(with_case(torn, 2, image=torn.cases[0].image))
