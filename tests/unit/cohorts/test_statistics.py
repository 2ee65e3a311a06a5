from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.statistics import annotation_frequency, case_statistics, cohort_statistics
from deepvein.core.errors import CohortError
from unit.cohorts.tiny_cohort import AIR, MUSCLE, SHAPE, SPACING, VEIN, arrays, make


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    return make(tmp_path, n=2)


def test_a_diseased_leg_in_numbers(cohort: Cohort) -> None:
    found = case_statistics(cohort.cases[0], cohort.cache)
    voxel_ml = np.prod(SPACING) / 1000
    assert (found.slices, found.vein_slices, found.positive_slices) == (24, 24, 5)
    assert found.prevalence == pytest.approx(5 / 24)
    assert found.vein_ml == pytest.approx(2 * 24 * 16 * voxel_ml)
    assert found.thrombus_ml == pytest.approx(5 * 16 * voxel_ml)
    assert found.thrombus_extent_mm == pytest.approx(5 * SPACING[0])
    assert found.coverage_mm == pytest.approx(SHAPE[0] * SPACING[0])
    assert found.contrast == pytest.approx(VEIN - MUSCLE)
    assert (found.minimum, found.maximum) == (AIR, VEIN)
    image = arrays(dvt=True)[0]
    assert (found.intensity.mean, found.intensity.sd) == pytest.approx((image.mean(), image.std()))


def test_a_healthy_and_an_unlabelled_leg(cohort: Cohort) -> None:
    healthy = case_statistics(cohort.cases[1], cohort.cache)
    assert healthy.positive_slices == healthy.thrombus_ml == healthy.thrombus_extent_mm == 0
    bare = case_statistics(replace(cohort.cases[0], segments=None, thrombi=None), cohort.cache)
    assert bare.vein_slices == bare.positive_slices == bare.vein_ml == bare.contrast == 0
    assert bare.slices == 24


def test_the_second_time_comes_from_the_cache(cohort: Cohort) -> None:
    first = cohort_statistics(cohort)
    assert [each.case for each in first] == ["case0", "case1"]
    assert len(list((cohort.cache / "statistics").iterdir())) == 2
    assert cohort_statistics(cohort) == first


def test_annotation_frequency_counts_slices(cohort: Cohort) -> None:
    thrombi = [arrays(dvt)[2] > 0 for dvt in (True, False)]
    expected = np.concatenate(thrombi).mean(axis=0)
    frequency = annotation_frequency(
        cohort, SHAPE[1:], lambda case: None if case.thrombi is None else case.thrombi.array
    )
    np.testing.assert_allclose(frequency, expected)
    half = annotation_frequency(
        cohort, (20, 28), lambda case: None if case.thrombi is None else case.thrombi.array
    )
    np.testing.assert_allclose(half, expected[1::2, 1::2])
    assert not annotation_frequency(cohort, (5, 5), lambda case: None).any()
    with pytest.raises(CohortError):
        annotation_frequency(Cohort(cohort.root, ()), (5, 5), lambda case: None)
