from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.table_checks import check_owners
from deepvein.core.errors import CohortError
from deepvein.studies.study import Modality
from unit.cohorts.tiny_cohort import make


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    return make(tmp_path / "legs", n=3)


@pytest.mark.parametrize("name", ["cohort.csv", "cohort.parquet"])
def test_what_is_saved_is_loaded(cohort: Cohort, name: str) -> None:
    cases = (
        replace(cohort.cases[0], fold=2, split="train", centre="north, east"),
        replace(cohort.cases[1], segments=None, has_dvt=None),
        cohort.cases[2],
    )
    table = Cohort(cohort.root, cases).save(cohort.root / name)
    assert Cohort.load(table) == Cohort(cohort.root, cases)


def test_a_folder_is_loaded_by_its_table(cohort: Cohort) -> None:
    assert Cohort.load(cohort.root) == cohort
    assert "case0/image.nii" in (cohort.root / "cohort.csv").read_text()


def test_a_cohort_can_be_moved(cohort: Cohort) -> None:
    moved = cohort.root.rename(cohort.root.with_name("elsewhere"))
    assert Cohort.load(moved).cases[0].image == moved / "case0" / "image.nii"


def test_images_outside_the_folder_keep_their_place(cohort: Cohort, tmp_path: Path) -> None:
    table = cohort.save(tmp_path / "tables" / "cohort.csv")
    assert Cohort.load(table).cases == cohort.cases


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("case1,", "case0,", 1), "more than once"),
        (lambda text: text.replace("case1/image.nii", "case1/lost.nii"), "does not exist"),
        (lambda text: text.replace("thrombi,has", "thrombus,has"), "thrombus"),
        (lambda text: text.replace(",CT,", ",US,"), "US"),
        (lambda text: text.splitlines()[0] + "\n", "no case"),
    ],
)
def test_a_bad_table_is_refused(cohort: Cohort, change, message: str) -> None:
    table = cohort.root / "cohort.csv"
    table.write_text(change(table.read_text()))
    with pytest.raises(CohortError, match=message):
        Cohort.load(table)


def test_cases_that_differ_in_capitals_alone_are_refused(cohort: Cohort) -> None:
    """On many file systems their results would replace one another."""
    cases = (replace(cohort.cases[0], case="Leg"), replace(cohort.cases[1], case="leg"))
    Cohort(cohort.root, cases).save()
    with pytest.raises(
        CohortError, match="row 3: the case 'leg' is called as 'Leg' but for capitals"
    ):
        Cohort.load(cohort.root)
    names = next(one for one in check_owners(Cohort(cohort.root, cases)) if one.code == "names")
    assert not names.passed
    assert names.cases == ("Leg", "leg")


def test_a_folder_without_table_says_what_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(CohortError, match=r"cohort\.csv or cohort\.parquet"):
        Cohort.load(tmp_path)


def test_folds_and_splits_divide_the_cases(cohort: Cohort) -> None:
    cases = tuple(
        replace(case, fold=n % 2, split="test" if n == 2 else "train")
        for n, case in enumerate(cohort)
    )
    divided = Cohort(cohort.root, cases)
    assert divided.of_fold(0, held_out=True).cases == (cases[0], cases[2])
    assert divided.of_fold(0, held_out=False).cases == (cases[1],)
    assert divided.of_split("test").cases == (cases[2],)
    with pytest.raises(CohortError, match="test, train"):
        divided.of_split("validate")
    with pytest.raises(CohortError, match="no fold"):
        cohort.of_fold(0, held_out=True)


def test_patients_come_once_and_modalities_apart(cohort: Cohort) -> None:
    twice = Cohort(cohort.root, (*cohort.cases, replace(cohort.cases[0], case="again")))
    assert twice.patients == ("p0", "p1", "p2")
    assert len(twice.of_modality(Modality.CT)) == 4
    assert len(twice.of_modality(Modality.MR)) == 0
