"""What must be true of patients and labels before the first step of a training."""

from __future__ import annotations

from collections.abc import Iterator

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.file_checks import check_files
from deepvein.cohorts.opening import open_case
from deepvein.cohorts.outcomes import require_none
from deepvein.cohorts.promised import is_promised
from deepvein.cohorts.table_checks import check_table
from deepvein.core.errors import CohortError
from deepvein.core.progress import Progress, silent
from deepvein.examples.targets import require_masks
from deepvein.training.recipe import Recipe


def require_trainable(
    recipe: Recipe,
    training: Cohort,
    validation: Cohort | None = None,
    progress: Progress = silent,
) -> None:
    """CohortError that lists all that stands against training `recipe` on these cases.

    Patients that lie on both sides, in two splits or folds; files that cannot be read; `has_dvt` that
    contradicts a mask; missing masks; veins without names where these are learned. Whether validation can
    be scored is asked of its examples (`validation.Validation.require_scorable`).
    """
    require_none(_problems(recipe, training, validation, progress))


def thrombi_unseen(recipe: Recipe, validation: Cohort) -> str | None:
    """What to say of a validation without DVT, whose score is that of the veins alone; None for any other.

    Cases of which only their masks know are left to the examples (`Validation.require_scorable`).
    """
    known = [case.has_dvt for case in validation]
    if recipe.training.score == "loss" or "thrombus" not in recipe.examples.targets:
        return None
    if not known or any(one is not False for one in known):
        return None
    return (
        f"none of the {len(validation)} cases of the validation has DVT, so {recipe.training.score} tells how "
        "well veins are seen, not thrombi; divide with `deepvein cohort split`, or set training.score=loss"
    )


def _problems(
    recipe: Recipe, training: Cohort, validation: Cohort | None, progress: Progress
) -> Iterator[str]:
    parts = [training] if validation is None else [training, validation]
    used = Cohort(training.root, tuple(dict.fromkeys(case for part in parts for case in part)))
    if validation is not None:
        shared = sorted({*training.patients} & {*validation.patients})
        if shared:
            yield (
                f"{len(shared)} patients are both in training and in validation, such as {shared[0]!r}; "
                "divide the cohort by patient"
            )
    try:
        require_masks(used, recipe.examples)
    except CohortError as error:
        yield str(error)
    outcomes = (*check_table(used), *check_files(used, progress))
    yield from (one.text for one in outcomes if one.fatal and not one.passed)
    if recipe.examples.names_veins and all(one.passed for one in outcomes if one.fatal):
        yield from _nameless(used)


def _nameless(cohort: Cohort) -> Iterator[str]:
    """Veins that are all marked as 1 would all be learned as the inferior vena cava."""
    bare = [
        case.case
        for case in cohort
        if not is_promised(case) and open_case(case, cohort.cache).vein_labels == (1,)
    ]
    if bare:
        yield (
            f"{', '.join(map(repr, bare[:12]))} mark every vein as 1, and these examples tell veins by name; "
            "label each with its own number"
        )
