from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.cohorts.balance import balance
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.moments import Moments
from deepvein.cohorts.splits import (
    Shares,
    chance_split,
    k_fold,
    matched_split,
    part_of,
    random_split,
    stratified_split,
)
from deepvein.cohorts.statistics import CaseStatistics
from deepvein.core.errors import CohortError, SettingsError
from deepvein.studies.study import Modality
from unit.cohorts.tiny_cohort import make


def cohort_of(patients: int, second_studies: int = 0, diseased: int = 0) -> Cohort:
    numbers = [*range(patients), *range(second_studies)]
    cases = tuple(
        Case(f"c{n}", f"p{p}", Modality.CT, Path("/i.nii"), has_dvt=p < diseased)
        for n, p in enumerate(numbers)
    )
    return Cohort(Path("/nowhere"), cases)


def measured(cohort: Cohort, seed: int = 0) -> list[CaseStatistics]:
    random = np.random.default_rng(seed)
    return [
        CaseStatistics(
            case=case.case,
            patient=case.patient,
            slices=float(random.integers(29, 1519)),
            vein_slices=20,
            positive_slices=float(random.integers(0, 29)),
            vein_ml=100,
            thrombus_ml=5,
            thrombus_extent_mm=float(random.uniform(0, 300)),
            coverage_mm=float(random.uniform(300, 900)),
            contrast=float(random.normal(80, 20)),
            minimum=-1024,
            maximum=1000,
            intensity=Moments(10, 0.0, 1.0),
        )
        for case in cohort
    ]


def split_of_patients(cohort: Cohort) -> dict[str, set[str]]:
    places: dict[str, set[str]] = {}
    for case in cohort:
        places.setdefault(case.patient, set()).add(f"{case.split}/{case.fold}")
    return places


@given(st.integers(3, 150), st.integers(0, 10**6))
def test_every_patient_is_in_one_split(patients: int, seed: int) -> None:
    cohort = random_split(cohort_of(patients, second_studies=patients // 3), seed)
    places = split_of_patients(cohort)
    assert all(len(where) == 1 for where in places.values())
    sizes = Counter(next(iter(where)).split("/")[0] for where in places.values())
    assert set(sizes) == {"train", "validation", "test"}
    assert abs(sizes["train"] - 0.6 * patients) <= 1.5
    assert abs(sizes["test"] - 0.2 * patients) <= 1


def test_the_published_cohort_is_split_60_20_20() -> None:
    assert Shares().counts(97) == {"train": 58, "validation": 20, "test": 19}
    assert Shares(0.8, 0.0, 0.2).counts(10) == {"train": 8, "test": 2}
    assert Shares(0.98, 0.01, 0.01).counts(10) == {"train": 8, "validation": 1, "test": 1}


def test_seeds_give_splits_of_their_own() -> None:
    cohort = cohort_of(40)
    assert random_split(cohort, 1) == random_split(cohort, 1)
    assert random_split(cohort, 1) != random_split(cohort, 2)


@given(st.integers(2, 12), st.integers(12, 60), st.integers(0, 60))
def test_folds_are_even_and_hold_whole_patients(folds: int, patients: int, diseased: int) -> None:
    cohort = k_fold(cohort_of(patients, second_studies=5, diseased=diseased), folds, seed=4)
    assert all(len(where) == 1 for where in split_of_patients(cohort).values())
    fold_of = {case.patient: case.fold for case in cohort}
    sizes = Counter(fold_of.values())
    assert set(sizes) == set(range(folds))
    assert max(sizes.values()) - min(sizes.values()) <= 1
    sick = {case.patient for case in cohort if case.has_dvt}
    with_dvt = [sum(fold_of[p] == fold for p in sick) for fold in range(folds)]
    assert max(with_dvt) - min(with_dvt) <= 1


def test_a_matched_split_is_more_even_than_a_random_one() -> None:
    cohort = cohort_of(97, second_studies=22)
    statistics = measured(cohort)
    found, report = matched_split(cohort, statistics, seed=0, trials=500)
    random = [balance(random_split(cohort, seed), statistics).worst for seed in range(20)]
    assert report.worst < min(random)
    assert report == balance(found, statistics)
    assert all(len(where) == 1 for where in split_of_patients(found).values())
    assert sum(report.cases) == 119
    assert dict(zip(report.splits, report.patients, strict=True)) == Shares().counts(97)
    assert matched_split(cohort, statistics, seed=0, trials=500) == (found, report)


def test_what_cannot_be_divided_is_refused() -> None:
    with pytest.raises(CohortError, match="2 patients"):
        random_split(cohort_of(2), 0)
    with pytest.raises(CohortError, match="9 folds"):
        k_fold(cohort_of(8), 9, 0)
    with pytest.raises(SettingsError):
        Shares(0.0, 0.5, 0.5)
    with pytest.raises(SettingsError, match="these to 110"):
        Shares(0.6, 0.3, 0.2)
    assert Shares(0.333, 0.333, 0.333).counts(9) == {"train": 3, "validation": 3, "test": 3}
    cohort = cohort_of(5)
    with pytest.raises(CohortError, match="statistics"):
        matched_split(cohort, measured(cohort)[1:], 0)
    with pytest.raises(SettingsError, match="trials"):
        matched_split(cohort, measured(cohort), 0, trials=0)


def test_other_columns_are_kept() -> None:
    cohort = cohort_of(6)
    marked = replace(cohort, cases=tuple(replace(case, centre="north") for case in cohort))
    assert all(case.centre == "north" for case in k_fold(random_split(marked, 0), 2, 0))


def test_strata_are_divided_alike() -> None:
    cases = [
        Case(f"c{n}", f"p{n // 2}", Modality.CT, Path(f"{n}.nii"), has_dvt=n < 24)
        for n in range(80)
    ]
    cohort = Cohort(Path(), tuple(cases))
    divided = stratified_split(cohort, 3, Shares(0.5, 0.25, 0.25))
    for name, patients, sick in (("train", 20, 6), ("validation", 10, 3), ("test", 10, 3)):
        part = divided.of_split(name)
        assert len(part.patients) == patients
        assert len({case.patient for case in part if case.has_dvt}) == sick
    assert divided == stratified_split(cohort, 3, Shares(0.5, 0.25, 0.25))
    assert divided != stratified_split(cohort, 4, Shares(0.5, 0.25, 0.25))
    with pytest.raises(CohortError, match="cannot be divided"):
        stratified_split(cohort.select(lambda case: case.patient == "p0"), 0)


def test_parts_of_a_cohort_grow_and_keep_both_kinds() -> None:
    whole = cohort_of(40, second_studies=10, diseased=12)
    parts = [part_of(whole, share, seed=3) for share in (0.01, 0.1, 0.25, 0.5, 1.0)]
    patients = [set(part.patients) for part in parts]
    assert [len(one) for one in patients] == [2, 4, 10, 20, 40]
    assert all(small < large for small, large in pairwise(patients))
    for part in parts:
        assert {case.has_dvt for case in part} == {True, False}
        assert all((case in part.cases) == (case.patient in part.patients) for case in whole)
    with pytest.raises(SettingsError, match="a share lies above 0"):
        part_of(whole, 0.0, seed=3)


@given(st.integers(3, 12), st.integers(0, 12), st.integers(0, 5))
def test_a_division_by_chance_leaves_dvt_to_both_sides(
    patients: int, diseased: int, seed: int
) -> None:
    cohort = cohort_of(patients, second_studies=2, diseased=min(diseased, patients))
    split = chance_split(cohort, seed)
    by_chance = random_split(cohort, seed, Shares(train=0.8, validation=0.2, test=0.0))
    sides = {case.split for case in split if case.has_dvt}
    counts = [
        Counter({case.patient: case.split for case in one}.values()) for one in (split, by_chance)
    ]
    assert counts[0] == counts[1]
    assert len(sides) == min(diseased, patients, 2)
    if len({case.split for case in by_chance if case.has_dvt}) == 2:
        assert split == by_chance
    assert len({(case.patient, case.split) for case in split}) == patients


def test_patients_are_dealt_by_their_masks_where_the_table_is_silent(tmp_path: Path) -> None:
    cohort = make(tmp_path, n=6)
    silent = replace(cohort, cases=tuple(replace(case, has_dvt=None) for case in cohort))
    told, found = k_fold(cohort, 3, seed=1), k_fold(silent, 3, seed=1)
    assert [case.fold for case in found] == [case.fold for case in told]
    assert [case.has_dvt for case in found] == [None] * 6


def test_one_patient_cannot_be_divided_into_folds(tmp_path: Path) -> None:
    cohort = make(tmp_path, n=2)
    alone = replace(cohort, cases=tuple(replace(case, patient="p") for case in cohort))
    with pytest.raises(CohortError, match="into 2 folds; at least 2 are needed"):
        k_fold(alone, 2, 0)


@given(patients=st.integers(6, 40), data=st.data(), seed=st.integers(0, 99))
def test_every_split_has_patients_with_dvt_and_without_where_there_are_three(
    patients: int, data: st.DataObject, seed: int
) -> None:
    """Three of ten with DVT left none to the test set."""
    diseased = data.draw(st.integers(3, patients - 3))
    divided = stratified_split(cohort_of(patients, diseased=diseased), seed)
    sizes = Counter(case.split for case in divided)
    assert sizes == Counter(Shares().counts(patients))
    for split, size in sizes.items():
        if size > 1:
            assert {case.has_dvt for case in divided if case.split == split} == {True, False}
