from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.core.errors import CohortError, SettingsError
from deepvein.phantoms import plan as planning
from deepvein.phantoms.annotation.annotation import RADIOLOGIST
from deepvein.phantoms.phantom import PhantomSettings
from deepvein.phantoms.plan import CohortPlan, claim, diseased_cases, load_plan
from deepvein.studies.study import Modality

PLAN = CohortPlan(Modality.CT, 119, seed=3, patients=97)


def test_some_patients_have_two_studies() -> None:
    """Kozemzak 2019: 119 studies of 97 patients, 22 of whom have two."""
    studies = Counter(order.patient for order in PLAN.orders)
    assert Counter(studies.values()) == {1: 75, 2: 22}
    assert len({order.seed for order in PLAN.orders}) == 119
    persons = {order.patient: order.person_seed for order in PLAN.orders}
    centres = {order.patient: order.centre for order in PLAN.orders}
    assert len(set(persons.values())) == 97
    for order in PLAN.orders:
        assert order.person_seed == persons[order.patient]
        assert order.centre == centres[order.patient]


@given(st.integers(2, 40), st.integers(0, 50))
def test_more_cases_change_none_of_the_first(n: int, seed: int) -> None:
    for patients in (None, n):
        longer = CohortPlan(Modality.MR, n + 5, seed, patients=patients and n + 3)
        shorter = replace(longer, n=n if patients is None else n + 3)
        assert longer.orders[: shorter.n] == shorter.orders


def test_the_share_of_disease_is_kept_after_any_number_of_cases() -> None:
    for share in (0.0, 0.3, 0.5, 1.0):
        drawn = np.cumsum(diseased_cases(3, Modality.CT, 101, share))
        assert np.abs(drawn - share * np.arange(1, 102)).max() <= 2
    assert diseased_cases(3, Modality.CT, 7, 0.5) == diseased_cases(3, Modality.CT, 8, 0.5)[:7]


def test_a_key_stands_for_all_that_the_files_depend_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def key(plan: CohortPlan) -> str:
        return plan.key(plan.orders[4])

    first = key(PLAN)
    assert key(replace(PLAN, n=110)) == first
    assert key(replace(PLAN, seed=4)) != first
    assert key(replace(PLAN, annotation=RADIOLOGIST)) != first
    thin = PhantomSettings(ct=replace(PLAN.settings.ct, matrix=256))
    assert key(replace(PLAN, settings=thin)) != first
    assert len({PLAN.key(order) for order in PLAN.orders}) == 119
    monkeypatch.setattr(planning, "GENERATOR", 99)
    assert key(replace(PLAN)) != first


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    thin = PhantomSettings(ct=replace(PLAN.settings.ct, matrix=256), centre="B")
    plan = replace(PLAN, annotation=RADIOLOGIST, settings=thin)
    claim(plan, tmp_path)
    assert load_plan(tmp_path / "cohort.json") == plan
    assert {order.centre for order in plan.orders} == {"B"}
    claim(replace(plan, n=120), tmp_path)
    assert load_plan(tmp_path / "cohort.json").n == 120


def test_damaged_and_foreign_plans_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "cohort.json"
    with pytest.raises(CohortError, match="cannot be read"):
        load_plan(path)
    record = PLAN.record()
    for wrong, match in (
        ("{", "damaged"),
        ("[]", "no plan"),
        (json.dumps(record | {"generator": "old"}), "another generator .old"),
        (json.dumps({k: v for k, v in record.items() if k != "generator"}), "unknown"),
        (json.dumps(record | {"n": "many"}), "whole number"),
    ):
        path.unlink(missing_ok=True)
        path.write_text(wrong)
        with pytest.raises(CohortError, match=match):
            load_plan(path)
    with pytest.raises(CohortError, match="no case 'ct3-0119'"):
        PLAN.order("ct3-0119")


@pytest.mark.parametrize("patients", [0, 59, 120])
def test_patients_have_one_or_two_studies(patients: int) -> None:
    with pytest.raises(SettingsError, match="60 and 119"):
        replace(PLAN, patients=patients)
