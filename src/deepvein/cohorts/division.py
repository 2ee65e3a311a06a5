"""How a table divides its cases: folds that are tested in turn, or the splits train, validation and test."""

from __future__ import annotations

from collections.abc import Iterable

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.outcomes import CohortCheck, listed
from deepvein.core.errors import CohortError

SPLITS = ("train", "validation", "test")


def require_folds(cohort: Cohort, folds: int) -> bool:
    """Whether the table brings the folds 0 to `folds` - 1; False if it brings none.

    CohortError if some cases have no fold, or the folds are others: patients would never be tested.
    """
    given = {case.fold for case in cohort}
    if given == {None}:
        return False
    if given != set(range(folds)):
        bare = [case.case for case in cohort if case.fold is None]
        said = f"no fold for {listed(bare)}" if bare else f"the folds {_numbered(given)}"
        raise CohortError(
            f"the table in {cohort.root} has {said}, and the folds 0 to {folds - 1} are tested; give every "
            "case one of these, or none so that they are dealt"
        )
    return True


def require_splits(cohort: Cohort) -> bool:
    """Whether the table brings the splits train, validation and test; False if it brings none.

    CohortError if some cases have no split, or a split has no case.
    """
    given = {case.split for case in cohort}
    if given == {""}:
        return False
    if given != set(SPLITS):
        bare = [case.case for case in cohort if not case.split]
        lacking = [split for split in SPLITS if split not in given]
        said = f"no split for {listed(bare)}" if bare else f"no case in {' and '.join(lacking)}"
        raise CohortError(
            f"the table in {cohort.root} has {said}; give every case one of {', '.join(SPLITS)}, or none so "
            "that they are drawn"
        )
    return True


def check_folds(cohort: Cohort) -> CohortCheck:
    """Cases of the split test need no fold; reproductions count folds from 0."""
    learned = cohort.select(lambda case: case.split != "test")
    folds = {case.fold for case in learned if case.fold is not None}
    try:
        require_folds(learned, max(folds, default=0) + 1)
    except CohortError as error:
        bare = tuple(case.case for case in learned if case.fold is None)
        return CohortCheck("folds", False, False, str(error), bare)
    return CohortCheck("folds", True, False, f"folds: {_numbered(folds)}")


def check_division(cohort: Cohort) -> CohortCheck:
    """Whether every case has a split, or none; needed by some commands alone."""
    try:
        given = require_splits(cohort)
    except CohortError as error:
        bare = tuple(case.case for case in cohort if not case.split)
        return CohortCheck("division", False, False, str(error), bare)
    return CohortCheck("division", True, False, f"splits: {', '.join(SPLITS) if given else 'none'}")


def _numbered(folds: Iterable[int | None]) -> str:
    return ", ".join(str(fold) for fold in sorted(f for f in folds if f is not None)) or "none"
