"""Whether a cohort can be trusted: each check says what it found and in which cases."""

from __future__ import annotations

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.division import check_division, check_folds
from deepvein.cohorts.file_checks import check_files, check_presence
from deepvein.cohorts.labelling import check_labelling
from deepvein.cohorts.outcomes import CohortCheck
from deepvein.cohorts.table_checks import check_alike, check_table
from deepvein.core.progress import Progress, silent


def check(cohort: Cohort, progress: Progress = silent) -> tuple[CohortCheck, ...]:
    """All checks of a cohort, cheap ones first; the last ones read every case's files once.

    Besides those of `check_table` and `check_files`: files: all there. masks: at least one labelled case.
    Not fatal: alike: no two patients are called nearly the same. And since only a part of the commands needs
    it: classes: cases with DVT and without. segments and
    thrombi: all cases have the mask, or are known to be free. folds and division: all cases have a fold,
    and a split, or none.
    """
    light = (
        *check_table(cohort), check_presence(cohort), check_alike(cohort), *check_labelling(cohort),
        check_folds(cohort), check_division(cohort),
    )  # fmt: skip
    if not all(one.passed for one in light if one.code == "files"):
        return light
    return (*light, *check_files(cohort, progress))
