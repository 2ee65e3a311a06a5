"""Whether a cohort can be trusted: each check says what it found and in which cases."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.cohorts.promised import is_available, is_promised
from deepvein.core.errors import CohortError, InputError, NothingToScreenError
from deepvein.core.progress import Progress, silent

SPLITS = ("train", "validation", "test")


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
    """All checks of a cohort, cheap ones first; the last ones read every case's files once.

    Besides those of `check_table` and `check_files`: files: all there. masks: at least one labelled case.
    Not fatal: alike: no two patients are called nearly the same. And since only a part of the commands needs
    it: classes: cases with DVT and without. segments and
    thrombi: all cases have the mask, or are known to be free. folds and division: all cases have a fold,
    and a split, or none.
    """
    light = (
        *check_table(cohort), _files(cohort), _alike(cohort), _masks(cohort), _classes(cohort),
        _labelled(cohort, "segments"), _labelled(cohort, "thrombi"), _folds(cohort), _division(cohort),
    )  # fmt: skip
    if not all(one.passed for one in light if one.code == "files"):
        return light
    return (*light, *check_files(cohort, progress))


def check_table(cohort: Cohort) -> tuple[CohortCheck, ...]:
    """What the table alone tells.

    names: each case once. patients: none in two splits or folds. images and shared-masks: none given to two
    patients, by whatever path. splits: train, validation, test or nothing.
    """
    return (
        _names(cohort), _patients(cohort), _images(cohort), _mask_files(cohort), _splits(cohort),
    )  # fmt: skip


def check_files(cohort: Cohort, progress: Progress = silent) -> tuple[CohortCheck, ...]:
    """What the files tell; those that a cohort only promises are taken on trust.

    grids: images can be read and masks belong to them. labels: `has_dvt` says what the thrombus mask
    shows. twins: no two patients have the same voxels, in an image, or in a mask of one place. remarks:
    what was decided when masks were read. The last two are not fatal.
    """
    open_case.cache_clear()  # files may have been mended since they were opened
    unreadable: dict[str, str] = {}
    wrong, remarks = [], {}
    owners: dict[str, list[Case]] = defaultdict(list)
    for done, case in enumerate(cohort):
        progress("checking cases", done, len(cohort))
        if is_promised(case):
            continue
        try:
            opened = open_case(case, cohort.cache)
        except (InputError, NothingToScreenError) as error:
            unreadable[case.case] = str(error)
            continue
        owners[opened.image_digest].append(case)
        place = opened.image.grid.affine.round(2).tolist()
        for digest in opened.marked_digests:
            owners[f"{digest} at {place}"].append(case)
        if opened.remarks:
            remarks[case.case] = "; ".join(opened.remarks)
        if len(set(opened.marked_digests)) < len(opened.marked_digests):
            unreadable[case.case] = (
                f"segments and thrombi of case {case.case!r} mark the very same: every vein would be a "
                "thrombus; give each its own mask"
            )
        known = opened.shows_thrombus is not None and case.has_dvt is not None
        if known and opened.shows_thrombus is not case.has_dvt:
            wrong.append(case.case)
    progress("checking cases", len(cohort), len(cohort))
    labels = _outcome(
        "labels",
        wrong,
        "has_dvt agrees with the thrombus masks",
        lambda names: f"has_dvt contradicts the thrombus mask of {_listed(names)}",
    )
    grids = _outcome(
        "grids",
        list(unreadable),
        "every image can be read and its masks belong to it",
        lambda names: (
            f"{len(names)} cases cannot be used: {'; '.join(_first(unreadable.values()))}"
        ),
    )
    said = [f"{name}: {text}" for name, text in remarks.items()]
    text = "; ".join(_first(said)) if said else "masks are read as they are"
    twins = [cases for cases in owners.values() if len({case.patient for case in cases}) > 1]
    twins = list({tuple(cases): cases for cases in twins}.values())
    return (
        grids,
        labels,
        _twins(twins),
        CohortCheck("remarks", not said, False, text, tuple(remarks)),
    )


def require(cohort: Cohort, progress: Progress = silent) -> None:
    """CohortError with all fatal checks that failed."""
    require_passed(check(cohort, progress))


def require_table(cohort: Cohort) -> None:
    """CohortError if patients or images lie on both sides of a division; asked by all that learns."""
    require_passed(check_table(cohort))


def require_folds(cohort: Cohort, folds: int) -> bool:
    """Whether the table brings the folds 0 to `folds` - 1; False if it brings none.

    CohortError if some cases have no fold, or the folds are others: patients would never be tested.
    """
    given = {case.fold for case in cohort}
    if given == {None}:
        return False
    if given != set(range(folds)):
        bare = [case.case for case in cohort if case.fold is None]
        said = f"no fold for {_listed(bare)}" if bare else f"the folds {_numbers(given)}"
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
        said = f"no split for {_listed(bare)}" if bare else f"no case in {' and '.join(lacking)}"
        raise CohortError(
            f"the table in {cohort.root} has {said}; give every case one of {', '.join(SPLITS)}, or none so "
            "that they are drawn"
        )
    return True


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
    said = [f"no segments for {_listed(bare)}"] if bare else []
    if unknown:
        said.append(
            f"no thrombi for {_listed(unknown)} (set has_dvt to false where there are none)"
        )
    if said:
        raise CohortError(
            f"the cohort in {cohort.root} has {' and '.join(said)}, which {what} needs"
        )


def require_passed(outcomes: Iterable[CohortCheck]) -> None:
    """CohortError with all fatal checks that failed, in one sentence."""
    require_none(one.text for one in outcomes if one.fatal and not one.passed)


def require_none(problems: Iterable[str]) -> None:
    """CohortError that lists all problems, if there is any."""
    found = list(problems)
    if len(found) > 1:
        raise CohortError(f"{len(found)} things are wrong with the cohort: {'; '.join(found)}")
    if found:
        raise CohortError(found[0])


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
    torn = [patient for patient, where in places.items() if len(where) > 1]
    return _outcome(
        "patients",
        [case.case for case in cohort if case.patient in torn],
        "no patient is in two splits or folds",
        lambda names: (
            f"patient {_listed(torn)} is in more than one split or fold (cases {_listed(names)}); "
            "split by patient, for instance with `deepvein cohort split`"
        ),
    )


def _twins(groups: list[list[Case]]) -> CohortCheck:
    """One scan under two names lies on both sides of a division sooner or later."""
    names = [[case.case for case in group] for group in groups]
    text = "; ".join(_first(f"{_listed(group)} show the same voxels" for group in names))
    cases = tuple(name for group in names for name in group)
    return CohortCheck(
        "twins", not names, False, text or "no two patients have the same image or mask", cases
    )


def _alike(cohort: Cohort) -> CohortCheck:
    """Names that differ in case, signs or leading zeros alone may well be one patient's."""
    groups: dict[str, list[str]] = defaultdict(list)
    for patient in cohort.patients:
        groups[re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\W_]+", "", patient.casefold()))].append(
            patient
        )
    twins = [names for names in groups.values() if len(names) > 1]
    text = "; ".join(_first(f"is {_listed(names)} one patient?" for names in twins))
    cases = tuple(case.case for case in cohort if any(case.patient in names for names in twins))
    return CohortCheck("alike", not twins, False, text or "patients' names are told apart", cases)


def _images(cohort: Cohort) -> CohortCheck:
    shared = _shared((case.image, case) for case in cohort)
    every = (path for case in cohort for path in (case.segments, case.thrombi))
    masks = {os.path.realpath(path) for path in every if path is not None}
    drawn = [case.case for case in cohort if os.path.realpath(case.image) in masks]
    if drawn:
        text = f"the image of {_listed(drawn)} is given as a mask too"
        return CohortCheck("images", passed=False, fatal=True, text=text, cases=tuple(drawn))
    return _outcome(
        "images",
        [case.case for case in shared],
        "no image is given to two patients",
        lambda names: f"the same image is given to more than one patient (cases {_listed(names)})",
    )


def _mask_files(cohort: Cohort) -> CohortCheck:
    """One file of thrombi and veins may serve one case twice; of two patients it can fit one at most."""
    shared = _shared(
        (path, case)
        for case in cohort
        for path in (case.segments, case.thrombi)
        if path is not None
    )
    return _outcome(
        "shared-masks",
        [case.case for case in shared],
        "no mask is given to two patients",
        lambda names: (
            f"the same mask is given to more than one patient (cases {_listed(names)}); give each its own, or "
            "none and has_dvt = false to those without a thrombus"
        ),
    )


def _shared(files: Iterable[tuple[Path, Case]]) -> list[Case]:
    """The cases whose file, wherever links lead, is another patient's too."""
    owners: dict[str, dict[Case, None]] = defaultdict(dict)
    for path, case in files:
        owners[os.path.realpath(path)][case] = None
    torn = [cases for cases in owners.values() if len({case.patient for case in cases}) > 1]
    return list(dict.fromkeys(case for cases in torn for case in cases))


def _splits(cohort: Cohort) -> CohortCheck:
    odd = [case for case in cohort if case.split not in ("", *SPLITS)]
    return _outcome(
        "splits",
        [case.case for case in odd],
        "splits are train, validation or test",
        lambda names: (
            f"{_listed(names)} have the split {_listed(sorted({case.split for case in odd}))}; it is "
            f"{', '.join(SPLITS)} or empty"
        ),
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
        text = f"no {kind} for {_listed(bare)}: what needs them is neither trained nor evaluated on these"
    return CohortCheck(kind, not bare, False, text, tuple(bare))


def _folds(cohort: Cohort) -> CohortCheck:
    """Cases of the split test need no fold; reproductions count folds from 0."""
    learned = cohort.select(lambda case: case.split != "test")
    folds = {case.fold for case in learned if case.fold is not None}
    try:
        require_folds(learned, max(folds, default=0) + 1)
    except CohortError as error:
        bare = tuple(case.case for case in learned if case.fold is None)
        return CohortCheck("folds", False, False, str(error), bare)
    return CohortCheck("folds", True, False, f"folds: {_numbers(folds)}")


def _division(cohort: Cohort) -> CohortCheck:
    try:
        given = require_splits(cohort)
    except CohortError as error:
        bare = tuple(case.case for case in cohort if not case.split)
        return CohortCheck("division", False, False, str(error), bare)
    return CohortCheck("division", True, False, f"splits: {', '.join(SPLITS) if given else 'none'}")


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


def _listed(names: list[str], most: int = 12) -> str:
    shown = ", ".join(repr(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _first(texts: Iterable[str], most: int = 12) -> list[str]:
    listed = list(texts)
    more = [f"and {len(listed) - most} more"] if len(listed) > most else []
    return listed[:most] + more


def _numbers(folds: Iterable[int | None]) -> str:
    return ", ".join(str(fold) for fold in sorted(f for f in folds if f is not None)) or "none"
