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
    contradicts a mask; missing masks; veins without names where these are learned; a validation without DVT
    where thrombi are. Whether validation can be scored is also asked of its examples
    (`validation.Validation.require_scorable`).
    """
    require_none(_problems(recipe, training, validation, progress))


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
    if validation is not None and recipe.training.score != "loss":
        yield from _nothing_to_find(recipe, validation)
    outcomes = (*check_table(used), *check_files(used, progress))
    yield from (one.text for one in outcomes if one.fatal and not one.passed)
    if recipe.examples.names_veins and all(one.passed for one in outcomes if one.fatal):
        yield from _nameless(used)


def _nothing_to_find(recipe: Recipe, validation: Cohort) -> Iterator[str]:
    """Without a thrombus in the validation the epoch would be chosen by how well veins are seen.

    Cases of which only their masks know are left to the examples (`Validation.require_scorable`).
    """
    known = [case.has_dvt for case in validation]
    if "thrombus" in recipe.examples.targets and known and all(one is False for one in known):
        yield (
            f"none of the {len(validation)} cases of the validation has DVT, so {recipe.training.score} cannot "
            "tell which epoch sees thrombi best; divide with `deepvein cohort split`, or set "
            "training.score=loss"
        )


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
