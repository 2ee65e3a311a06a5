"""Whether a model has met a case before: what is measured on those says nothing of others."""

from __future__ import annotations

from collections.abc import Iterable

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.cohorts.outcomes import listed
from deepvein.cohorts.promised import promise_of
from deepvein.training.checkpoints import CohortSummary, ModelDescription


def image_digests(cohort: Cohort) -> dict[str, str]:
    """Case -> what its image shows, wherever it lies; of a file that is only promised, its promise."""
    digests = {}
    for case in cohort:
        promise = promise_of(case.image)
        digests[case.case] = (
            open_case(case, cohort.cache).image_digest if promise is None else promise.key
        )
    return digests


def learned_from(descriptions: Iterable[ModelDescription], cohort: Cohort) -> list[str]:
    """The cases from whose images any of the models learned; models of earlier versions do not tell."""
    return _among([one.cohort for one in descriptions], cohort)


def seen_notes(descriptions: Iterable[ModelDescription], cohort: Cohort) -> tuple[str, ...]:
    """What to say of cases from which a model learned, or by which its best epoch was chosen."""
    models = list(descriptions)
    learned = _among([one.cohort for one in models], cohort)
    chosen = [
        name for name in _among([one.validation for one in models], cohort) if name not in learned
    ]
    notes = []
    if learned:
        notes.append(
            f"{len(learned)} of {len(cohort)} cases were learned from, so that the figures are better than on "
            f"others: {listed(learned)}"
        )
    if chosen:
        notes.append(
            f"{len(chosen)} of {len(cohort)} cases chose the best epoch, so that the figures are somewhat "
            f"better than on others: {listed(chosen)}"
        )
    return tuple(notes)


def _among(summaries: Iterable[CohortSummary | None], cohort: Cohort) -> list[str]:
    known = {image for one in summaries if one is not None for image in one.images}
    if not known:
        return []
    return [name for name, digest in image_digests(cohort).items() if digest in known]
