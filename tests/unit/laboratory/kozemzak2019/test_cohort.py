from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import CohortError
from deepvein.laboratory.kozemzak2019.cohort import (
    STRETCH,
    make_synthetic,
    plan_of,
    read_truth,
    reduce_cohort,
    settings_of,
    stretched,
)
from deepvein.laboratory.kozemzak2019.profiles import PROFILES
from deepvein.phantoms.phantom import sample
from deepvein.studies.study import Modality
from unit.cohorts.tiny_cohort import make

PROFILE = replace(
    PROFILES.get("quick"), studies=2, patients=1, matrix=48, size=32, slices=((40.0, 40.0, 1.0),)
)


def test_the_full_plan_is_the_papers_cohort() -> None:
    plan = plan_of(PROFILES.get("paper"))
    patients = [order.patient for order in plan.orders]
    assert (len(patients), len(set(patients))) == (119, 97)
    assert {order.centre for order in plan.orders} == {"A"}
    others = {order.seed for order in plan_of(PROFILES.get("paper"), pretext=True).orders}
    assert not others & {order.seed for order in plan.orders}


def test_artefacts_are_stretched_from_where_they_begin() -> None:
    profile = PROFILES.get("paper")
    scenario = next(
        found
        for seed in range(20)
        if (found := sample(seed, Modality.CT, True, settings_of(profile))).contrast.artefacts
    )
    for before, after in zip(
        scenario.contrast.artefacts, stretched(scenario, STRETCH).contrast.artefacts, strict=True
    ):
        assert abs(after.length_mm - STRETCH * before.length_mm) < 0.01
        low = before.centre_mm - before.length_mm / 2
        assert abs(after.centre_mm - after.length_mm / 2 - low) < 0.01
        assert set(before.vessels) <= set(after.vessels)


def test_synthetic_cases_are_made_once_and_know_their_truth(tmp_path: Path) -> None:
    assert make_synthetic(PROFILE, tmp_path, stop_after_s=-1.0) is None
    cohort = make_synthetic(PROFILE, tmp_path)
    assert cohort is not None
    assert len(cohort.patients) == 1
    times = [case.image.stat().st_mtime_ns for case in cohort]
    again = make_synthetic(PROFILE, tmp_path)
    assert again is not None
    assert [case.image.stat().st_mtime_ns for case in again] == times
    for case in cohort:
        opened, truth = open_case(case, cohort.cache), read_truth(case.image.parent)
        assert opened.image.grid.shape == (len(truth), 32, 32)
        np.testing.assert_allclose(
            [one.z_mm for one in truth], opened.image.grid.body_positions_mm(), atol=0.01
        )
        assert (np.diff([one.height for one in truth]) > 0).all()


def test_a_hospitals_cohort_is_brought_to_the_same_size(tmp_path: Path) -> None:
    theirs = make(tmp_path / "theirs")
    cohort = reduce_cohort(theirs, 20, tmp_path / "ours")
    assert cohort is not None
    assert [case.case for case in cohort] == [case.case for case in theirs]
    for case, own in zip(cohort, theirs, strict=True):
        opened, before = open_case(case, cohort.cache), open_case(own, theirs.cache)
        assert opened.image.grid.shape == (24, 20, 20)
        assert opened.thrombi is not None
        assert before.thrombi is not None
        np.testing.assert_array_equal(
            opened.thrombi.array.any(axis=(1, 2)), before.thrombi.array.any(axis=(1, 2))
        )
        assert read_truth(case.image.parent) == ()


def test_a_hospitals_cohort_that_leaks_or_lies_is_refused_before_it_is_made(tmp_path: Path) -> None:
    theirs = make(tmp_path / "theirs")

    def changed(**changes: object) -> Cohort:
        return replace(theirs, cases=(replace(theirs.cases[0], **changes), *theirs.cases[1:]))

    for cohort, says in (
        (changed(patient="p1", fold=1), "patient 'p1' is in more than one split or fold"),
        (changed(split="train"), "no split for 'case1', 'case2', 'case3'"),
        (changed(has_dvt=False), "has_dvt contradicts the thrombus mask of 'case0'"),
    ):
        with pytest.raises(CohortError, match=says):
            reduce_cohort(cohort, 20, tmp_path / "ours")
    assert not (tmp_path / "ours").exists()
