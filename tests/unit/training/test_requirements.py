"""What stands against a training is said at once, before its first step."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepvein.core.errors import CohortError
from deepvein.examples.patches import PatchExamples
from deepvein.examples.territories import TerritoryExamples
from deepvein.training.requirements import require_trainable, thrombi_unseen
from deepvein.volumes.grid import Grid
from unit.cohorts.tiny_cohort import SHAPE, SPACING, arrays, make, write
from unit.training.test_run import RECIPE


def test_a_sound_cohort_is_trained_on(tmp_path: Path) -> None:
    cohort = make(tmp_path, n=4)
    parts = [replace(cohort, cases=part) for part in (cohort.cases[:2], cohort.cases[2:])]
    require_trainable(RECIPE, *parts)


def test_a_validation_without_dvt_is_told_where_thrombi_are_learned(tmp_path: Path) -> None:
    cohort = make(tmp_path, n=4)
    well = cohort.select(lambda case: not case.has_dvt)
    assert "none of the 2 cases of the validation has DVT" in (thrombi_unseen(RECIPE, well) or "")
    assert thrombi_unseen(RECIPE, cohort) is None
    cases = tuple(replace(case, has_dvt=None) for case in cohort)
    told = [thrombi_unseen(RECIPE, replace(cohort, cases=(case,))) for case in cases]
    assert [one is None for one in told] == [True, False, True, False]
    bare = tuple(replace(case, thrombi=None) for case in cases)
    assert thrombi_unseen(RECIPE, replace(cohort, cases=bare)) is None
    by_loss = replace(RECIPE, training=replace(RECIPE.training, score="loss"))
    assert thrombi_unseen(by_loss, well) is None
    veins = replace(RECIPE, examples=PatchExamples(targets=("veins",)))
    assert thrombi_unseen(veins, well) is None


def test_all_faults_are_listed(tmp_path: Path) -> None:
    cohort = make(tmp_path, n=5)
    cases = list(cohort.cases)
    spoilt = np.full(SHAPE, np.nan, np.float32)
    grid = Grid.from_directions(SHAPE, SPACING, origin_mm=(-50.0, 10.0, 0.0))
    cases[0] = replace(cases[0], image=write(spoilt, grid, tmp_path / "nan.nii"))
    cases[1] = replace(cases[1], has_dvt=True)
    cases[2] = replace(cases[2], thrombi=None)
    cases[3] = replace(cases[3], patient="p4")
    cases[4] = replace(cases[4], fold=1)
    training = replace(cohort, cases=tuple(cases[:4]))
    validation = replace(cohort, cases=tuple(cases[4:]))
    with pytest.raises(CohortError) as caught:
        require_trainable(RECIPE, training, validation)
    for says in (
        "5 things are wrong",
        "1 patients are both in training and in validation, such as 'p4'",
        "no thrombi for 'case2'",
        "patient 'p4' is in more than one split or fold (cases 'case3', 'case4')",
        "the image of case 'case0': slice 0 holds NaN",
        "has_dvt contradicts the thrombus mask of 'case1'",
    ):
        assert says in str(caught.value)


def test_thrombi_alone_are_enough_where_no_vein_is_asked_for(tmp_path: Path) -> None:
    cohort = make(tmp_path, n=2)
    bare = replace(cohort, cases=tuple(replace(case, segments=None) for case in cohort))
    recipe = replace(RECIPE, examples=PatchExamples(targets=("thrombus",)))
    require_trainable(recipe, bare)
    with pytest.raises(CohortError, match="no segments for 'case0', 'case1'"):
        require_trainable(RECIPE, bare)


def test_veins_without_names_are_not_learned_by_name(tmp_path: Path) -> None:
    cohort = make(tmp_path, n=2)
    grid = Grid.from_directions(SHAPE, SPACING, origin_mm=(-50.0, 10.0, 100.0))
    veins = (arrays(dvt=False)[1] > 0).astype(np.uint8)
    cases = (
        cohort.cases[0],
        replace(cohort.cases[1], segments=write(veins, grid, tmp_path / "v.nii")),
    )
    named = replace(RECIPE, examples=TerritoryExamples())
    require_trainable(named, cohort)
    require_trainable(RECIPE, replace(cohort, cases=cases))
    with pytest.raises(CohortError, match="'case1' mark every vein as 1"):
        require_trainable(named, replace(cohort, cases=cases))


def test_one_image_on_both_sides_is_refused_whatever_its_patients_are_called(
    tmp_path: Path,
) -> None:
    cohort = make(tmp_path, n=4)
    first, *others = cohort.cases
    image = tmp_path / "again.nii"
    image.write_bytes(first.image.read_bytes())
    again = replace(first, case="again", patient="p9", image=image, thrombi=None, has_dvt=None)
    training = replace(cohort, cases=(first, *others[:2]))
    validation = replace(cohort, cases=(others[2], again))
    with pytest.raises(
        CohortError, match="'case0' of training and 'again' of validation show the same"
    ):
        require_trainable(RECIPE, training, validation)
