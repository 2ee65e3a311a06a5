"""What must be true of patients and labels before the first step of a training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.file_checks import check_files
from deepvein.cohorts.labelling import has_dvt
from deepvein.cohorts.opening import open_case
from deepvein.cohorts.outcomes import CohortCheck, require_none
from deepvein.cohorts.promised import is_promised
from deepvein.cohorts.table_checks import check_table
from deepvein.core.errors import CohortError
from deepvein.core.progress import Progress, silent
from deepvein.examples.targets import require_masks
from deepvein.training.recipe import Recipe


class BlindScoreWarning(UserWarning):
    """The score that chooses the epoch cannot see what is learned."""


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

    Whether a case has DVT is what its table says, else its mask.
    """
    if recipe.training.score == "loss" or "thrombus" not in recipe.examples.targets:
        return None
    known = [has_dvt(case, validation.cache) for case in validation]
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
    if validation is not None:
        yield from _twins(training, validation, outcomes)
    yield from (one.text for one in outcomes if one.fatal and not one.passed)
    if recipe.examples.names_veins and all(one.passed for one in outcomes if one.fatal):
        yield from _nameless(used)


def _twins(training: Cohort, validation: Cohort, outcomes: Iterable[CohortCheck]) -> Iterator[str]:
    """Images that are learned from and validated on under two names of patients."""
    suspects = {name for one in outcomes if one.code == "twins" for name in one.cases}
    learned, judged = (
        {
            open_case(case, part.cache).image_digest: case.case
            for case in part
            if case.case in suspects
        }
        for part in (training, validation)
    )
    for digest in sorted(learned.keys() & judged.keys(), key=lambda one: learned[one]):
        if learned[digest] != judged[digest]:
            yield (
                f"{learned[digest]!r} of training and {judged[digest]!r} of validation show the same voxels: "
                "leave one out, or make them one patient's"
            )


def _nameless(cohort: Cohort) -> Iterator[str]:
    """Veins that are all marked as 1 would all be learned as the inferior vena cava."""
    bare = [
        case.case
        for case in cohort
        if not is_promised(case) and not open_case(case, cohort.cache).names_veins
    ]
    if bare:
        yield (
            f"{', '.join(map(repr, bare[:12]))} mark every vein as 1, and these examples tell veins by name; "
            "label each with its own number"
        )
