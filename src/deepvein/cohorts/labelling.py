"""Which cases of a cohort are labelled, and with what."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.cohorts.outcomes import CohortCheck, listed, outcome
from deepvein.cohorts.promised import is_promised
from deepvein.core.errors import CohortError, InputError, NothingToScreenError


def check_labelling(cohort: Cohort) -> tuple[CohortCheck, ...]:
    """masks: at least one labelled case. Not fatal: classes: cases with DVT and without; segments and thrombi:
    all cases have the mask, or are known to be free."""
    return (
        _masks(cohort), _classes(cohort), _labelled(cohort, "segments"), _labelled(cohort, "thrombi"),
    )  # fmt: skip


def has_dvt(case: Case, cache: Path) -> bool | None:
    """What the table says of a case, else what its thrombus mask shows; None where neither tells, for files
    that are only promised, and for those that cannot be read."""
    if case.has_dvt is not None or case.thrombi is None or is_promised(case):
        return case.has_dvt
    try:
        return open_case(case, cache).shows_thrombus
    except (InputError, NothingToScreenError):
        return None


def require_labelled(cohort: Cohort, *, segments: bool, thrombi: bool, what: str) -> None:
    """CohortError that lists all cases without the masks that `what` needs.

    Thrombi may be missing where a case is known to be free of DVT.
    """
    bare = [case.case for case in cohort if segments and case.segments is None]
    unknown = [
        case.case
        for case in cohort
        if thrombi and case.thrombi is None and case.has_dvt is not False
    ]
    said = [f"no segments for {listed(bare)}"] if bare else []
    if unknown:
        said.append(f"no thrombi for {listed(unknown)} (set has_dvt to false where there are none)")
    if said:
        raise CohortError(
            f"the cohort in {cohort.root} has {' and '.join(said)}, which {what} needs"
        )


def require_agreement(cohort: Cohort, what: str) -> None:
    """CohortError that lists all cases whose thrombus mask contradicts `has_dvt`: they would count as what they
    are not. Files that are only promised are taken on trust, those that cannot be read are told when they are
    opened."""
    torn = [case.case for case in cohort if _contradicts(case, cohort.cache)]
    if torn:
        raise CohortError(
            f"has_dvt contradicts the thrombus mask of {listed(torn)} in {cohort.root}, and {what} cannot tell "
            "which is true; mend one of them"
        )


def _contradicts(case: Case, cache: Path) -> bool:
    if case.thrombi is None or case.has_dvt is None or is_promised(case):
        return False
    try:
        return open_case(case, cache).shows_thrombus is not case.has_dvt
    except (InputError, NothingToScreenError):
        return False


def _masks(cohort: Cohort) -> CohortCheck:
    labelled = [
        case for case in cohort if case.segments or case.thrombi or case.has_dvt is not None
    ]
    return outcome(
        "masks",
        [] if labelled else [case.case for case in cohort],
        f"{len(labelled)} of {len(cohort)} cases are labelled",
        lambda names: "no case has segments, thrombi or has_dvt: there is nothing to learn from",
    )


def _classes(cohort: Cohort) -> CohortCheck:
    sick = sum(case.has_dvt is True for case in cohort)
    well = sum(case.has_dvt is False for case in cohort)
    return CohortCheck(
        code="classes",
        passed=sick > 0 and well > 0,
        fatal=False,
        text=f"{sick} cases with DVT, {well} without, {len(cohort) - sick - well} not known",
    )


def _labelled(cohort: Cohort, kind: Literal["segments", "thrombi"]) -> CohortCheck:
    """Training for what shows in these masks, and its evaluation, refuse a case without."""
    veins = kind == "segments"
    bare = [
        case.case
        for case in cohort
        if (case.segments is None if veins else case.thrombi is None and case.has_dvt is not False)
    ]
    text = f"every case has {kind}" + ("" if veins else " or is known to be free")
    if bare:
        text = f"no {kind} for {listed(bare)}: what needs them is neither trained nor evaluated on these"
    return CohortCheck(kind, not bare, False, text, tuple(bare))
