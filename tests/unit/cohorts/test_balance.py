from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepvein.cohorts.balance import COVARIATES, balance
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.moments import Moments
from deepvein.cohorts.statistics import CaseStatistics
from deepvein.core.errors import CohortError
from deepvein.studies.study import Modality

SLICES = (10.0, 20.0, 30.0, 40.0)


def halves() -> tuple[Cohort, list[CaseStatistics]]:
    cases = tuple(
        Case(f"c{n}", f"p{n}", Modality.CT, Path("/i.nii"), split="a" if n < 2 else "b")
        for n in range(4)
    )
    statistics = [
        CaseStatistics(
            case.case, case.patient, slices, 1, 0, 1, 0, 0, 500, 80, 0, 1, Moments(1, 0, 1)
        )
        for case, slices in zip(cases, SLICES, strict=True)
    ]
    return Cohort(Path("/nowhere"), cases), statistics


def test_the_difference_is_in_standard_deviations_of_the_cohort() -> None:
    cohort, statistics = halves()
    report = balance(cohort, statistics[::-1])
    assert (report.splits, report.patients, report.cases) == (("a", "b"), (2, 2), (2, 2))
    slices = report.covariates[list(COVARIATES).index("slices")]
    assert slices.means == (15.0, 35.0)
    assert slices.difference == pytest.approx(20 / np.std(SLICES))
    assert report.worst == slices.difference
    others = [each.difference for each in report.covariates if each.name != "slices"]
    assert others == [0.0] * len(others)


def test_a_cohort_without_splits_has_no_balance() -> None:
    cohort, statistics = halves()
    bare = replace(cohort, cases=tuple(replace(case, split="") for case in cohort))
    with pytest.raises(CohortError, match="no split"):
        balance(bare, statistics)
