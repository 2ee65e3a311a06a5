"""Whether a cohort can be trusted: each check says what it found and in which cases."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.cohorts.promised import is_available
from deepvein.core.errors import CohortError, InputError
from deepvein.core.progress import Progress, silent


@dataclass(frozen=True)
class CohortCheck:
    """The outcome of one check.

    code: stable name. fatal: the cohort cannot be used if it failed. cases: those that failed.
    """

    code: str
    passed: bool
    fatal: bool
    text: str
    cases: tuple[str, ...] = ()


def check(cohort: Cohort, progress: Progress = silent) -> tuple[CohortCheck, ...]:
    """All checks of a cohort, cheap ones first; the last two read every case's files.

    names: each case once. files: all there. patients: none in two splits or folds. masks: at least one
    labelled case. classes: cases with DVT and without (not fatal: a cohort may hold patients alone).
    grids: images can be read and masks lie on them. labels: `has_dvt` says what the thrombus mask shows.
    """
    light = (_names(cohort), _files(cohort), _patients(cohort), _masks(cohort), _classes(cohort))
    if not light[1].passed:
        return light
    unreadable, wrong = [], []
    for done, case in enumerate(cohort):
        progress("checking cases", done, len(cohort))
        try:
            opened = open_case(case, cohort.cache)
        except InputError as error:
            unreadable.append((case.case, str(error)))
            continue
        if opened.thrombi is not None and case.has_dvt is not None:
            planes: Iterable[bool] = (bool((plane != 0).any()) for plane in opened.thrombi.array)
            if any(planes) is not case.has_dvt:
                wrong.append(case.case)
    progress("checking cases", len(cohort), len(cohort))
    grids = _outcome(
        "grids",
        [name for name, _ in unreadable],
        "every image can be read and its masks lie on its grid",
        lambda names: f"{len(names)} cases cannot be used; the first: {unreadable[0][1]}",
    )
    labels = _outcome(
        "labels",
        wrong,
        "has_dvt agrees with the thrombus masks",
        lambda names: f"has_dvt contradicts the thrombus mask of {_listed(names)}",
    )
    return (*light, grids, labels)


def require(cohort: Cohort, progress: Progress = silent) -> None:
    """CohortError with the first fatal check that failed."""
    for outcome in check(cohort, progress):
        if outcome.fatal and not outcome.passed:
            raise CohortError(outcome.text)


def _names(cohort: Cohort) -> CohortCheck:
    twice = [name for name, n in Counter(case.case for case in cohort).items() if n > 1]
    return _outcome(
        "names",
        twice,
        "every case has its own name",
        lambda names: f"more than one case is called {_listed(names)}; rename all but one",
    )


def _files(cohort: Cohort) -> CohortCheck:
    def complete(case: Case) -> bool:
        paths = (case.image, case.segments, case.thrombi)
        return all(path is None or is_available(path) for path in paths)

    return _outcome(
        "files",
        [case.case for case in cohort if not complete(case)],
        "all files are there or can be made",
        lambda names: f"files are missing of {_listed(names)}",
    )


def _patients(cohort: Cohort) -> CohortCheck:
    places: dict[str, set[tuple[str, int | None]]] = defaultdict(set)
    for case in cohort:
        places[case.patient].add((case.split, case.fold))
    torn = {patient for patient, where in places.items() if len(where) > 1}
    return _outcome(
        "patients",
        [case.case for case in cohort if case.patient in torn],
        "no patient is in two splits or folds",
        lambda names: (
            f"patient {min(torn)!r} is in more than one split or fold (cases {_listed(names)}); "
            "split by patient, for instance with cohorts.splits.k_fold"
        ),
    )


def _masks(cohort: Cohort) -> CohortCheck:
    labelled = [
        case for case in cohort if case.segments or case.thrombi or case.has_dvt is not None
    ]
    return _outcome(
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


def _outcome(
    code: str, failed: list[str], good: str, bad: Callable[[list[str]], str]
) -> CohortCheck:
    return CohortCheck(
        code, not failed, fatal=True, text=bad(failed) if failed else good, cases=tuple(failed)
    )


def _listed(names: list[str], most: int = 3) -> str:
    shown = ", ".join(repr(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
