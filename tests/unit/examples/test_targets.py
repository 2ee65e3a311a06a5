from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepvein.anatomy.veins import deep_mask
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import CohortError
from deepvein.examples.patches import PatchExamples
from deepvein.examples.preprocessing import EMPTY
from deepvein.examples.targets import read_masks, require_masks
from deepvein.examples.territories import TerritoryExamples
from unit.cohorts.tiny_cohort import arrays, make


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    return make(tmp_path, n=2)


def test_masks_come_in_the_order_of_the_targets(cohort: Cohort) -> None:
    _, segments, thrombi = arrays(dvt=True)
    case = open_case(cohort.cases[0], cohort.cache)
    found = read_masks(case, [7, EMPTY], PatchExamples(targets=("thrombus", "veins")))
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found[0, 0], thrombi[7] > 0)
    np.testing.assert_array_equal(found[1, 0], deep_mask(segments[7]))
    assert not found[:, 1].any()
    part = read_masks(case, [7], PatchExamples(), (17, -3, 6, 40))
    np.testing.assert_array_equal(part[0, 0, :, 3:], deep_mask(segments[7])[17:23, :37])


def test_superficial_veins_are_no_target(cohort: Cohort) -> None:
    case = open_case(cohort.cases[1], cohort.cache)
    assert not read_masks(case, [7], PatchExamples(targets=("veins",)))[0, 0, 10:12].any()


def test_a_healthy_case_needs_no_thrombus_mask(cohort: Cohort) -> None:
    def without(case: Case) -> Case:
        return replace(case, thrombi=None)

    healthy = replace(cohort, cases=(without(cohort.cases[1]),))
    settings = PatchExamples(targets=("thrombus",))
    require_masks(healthy, settings)
    opened = open_case(healthy.cases[0], cohort.cache)
    assert not read_masks(opened, [3, 4], settings).any()
    assert read_masks(opened, [3], settings, (0, 0, 5, 6)).shape == (1, 1, 5, 6)
    with pytest.raises(CohortError, match="has_dvt to false"):
        require_masks(replace(cohort, cases=(without(cohort.cases[0]),)), settings)


def test_missing_veins_are_refused(cohort: Cohort) -> None:
    bare = replace(cohort, cases=tuple(replace(case, segments=None) for case in cohort))
    require_masks(bare, PatchExamples(targets=("thrombus",)))
    for settings in (
        PatchExamples(),
        PatchExamples(targets=("thrombus",), vein_channel=True),
        TerritoryExamples(targets=("thrombus",)),
    ):
        with pytest.raises(CohortError, match="segments"):
            require_masks(bare, settings)
    with pytest.raises(CohortError, match="empty"):
        require_masks(replace(cohort, cases=()), PatchExamples())
