"""What the table of a cohort tells alone: whether patients or files lie on both sides of a division."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.division import SPLITS
from deepvein.cohorts.outcomes import CohortCheck, first_of, listed, outcome, require_passed
from deepvein.cohorts.patient_names import loose_patient

_MONTH = r"(jan|feb|mar|märz?|mrz|apr|ma[iy]|juni?|juli?|aug|sept?|oct|okt|nov|dec|dez)\.?"
_DATED = re.compile(
    rf"\d{{1,2}}[-. /]+{_MONTH}([-. /]+\d{{2,4}})?|{_MONTH}[-. /]+\d{{2,4}}|"
    r"\d{1,2}[./-]\d{1,2}[./-](19|20)\d\d|(19|20)\d\d-\d\d-\d\d( 00:00(:00)?)?",
    re.IGNORECASE,
)
"""A name as spreadsheets show dates."""


def check_table(cohort: Cohort) -> tuple[CohortCheck, ...]:
    """What the table alone tells.

    Besides `check_owners`: patients: none in two splits or folds. splits: train, validation, test or nothing.
    """
    return (*check_owners(cohort), _patients(cohort), _splits(cohort))


def check_owners(cohort: Cohort) -> tuple[CohortCheck, ...]:
    """Whose cases and files are, however the table is divided.

    names: each case once. images and shared-masks: none given to two patients, by whatever path.
    """
    return _names(cohort), _images(cohort), _mask_files(cohort)


def require_table(cohort: Cohort) -> None:
    """CohortError if patients or images lie on both sides of a division; for all that learns or measures."""
    require_passed(check_table(cohort))


def require_owners(cohort: Cohort) -> None:
    """CohortError if a file is given to two patients; asked before patients are divided."""
    require_passed(check_owners(cohort))


def load_sound(location: Path) -> Cohort:
    """The cohort of a table (see `Cohort.load`) for what learns or measures; asks `require_table`."""
    cohort = Cohort.load(location)
    require_table(cohort)
    return cohort


def check_alike(cohort: Cohort) -> CohortCheck:
    """Names that differ in case, signs, leading zeros, or in what tells images of one patient apart may well be
    one patient's; and those that a spreadsheet took for dates (`3-1`, `MAR-3`) several patients'."""
    twins = [names for names in _by_looks(cohort.patients).values() if len(names) > 1]
    dates = [name for name in cohort.patients if _DATED.fullmatch(name)]
    said = list(first_of(f"is {listed(names)} one patient?" for names in twins))
    if dates:
        said.append(
            f"{listed(dates)} look like dates, which a spreadsheet makes of names such as 3-1 and MAR-3: two "
            "patients may have become one"
        )
    odd = {name for names in (*twins, dates) for name in names}
    cases = tuple(case.case for case in cohort if case.patient in odd)
    return CohortCheck(
        "alike", not said, False, "; ".join(said) or "patients' names are told apart", cases
    )


def alike_across(training: Cohort, validation: Cohort) -> tuple[str, ...]:
    """What to say of patients on both sides who may be one by their names, a sentence each."""
    learned, judged = _by_looks(training.patients), _by_looks(validation.patients)
    return tuple(
        f"{listed(learned[look])} is learned from and {listed(judged[look])} validated on: if they are one "
        "patient, give both one name"
        for look in learned
        if look in judged
    )


def _by_looks(patients: Iterable[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for patient in patients:
        groups[loose_patient(patient)].append(patient)
    return groups


def _names(cohort: Cohort) -> CohortCheck:
    called = Counter(case.case.casefold() for case in cohort)
    twice = dict.fromkeys(case.case for case in cohort if called[case.case.casefold()] > 1)
    return outcome(
        "names",
        list(twice),
        "every case has its own name",
        lambda names: (
            f"more than one case is called {listed(names)} (capitals do not count in names of files on many "
            "systems); rename all but one"
        ),
    )


def _patients(cohort: Cohort) -> CohortCheck:
    places: dict[str, set[tuple[str, int | None]]] = defaultdict(set)
    for case in cohort:
        places[case.patient].add((case.split, case.fold))
    torn = [patient for patient, where in places.items() if len(where) > 1]
    return outcome(
        "patients",
        [case.case for case in cohort if case.patient in torn],
        "no patient is in two splits or folds",
        lambda names: (
            f"patient {listed(torn)} is in more than one split or fold (cases {listed(names)}); "
            "split by patient, for instance with `deepvein cohort split`"
        ),
    )


def _images(cohort: Cohort) -> CohortCheck:
    shared = _shared((case.image, case) for case in cohort)
    every = (path for case in cohort for path in (case.segments, case.thrombi))
    masks = {os.path.realpath(path) for path in every if path is not None}
    drawn = [case.case for case in cohort if os.path.realpath(case.image) in masks]
    if drawn:
        text = f"the image of {listed(drawn)} is given as a mask too"
        return CohortCheck("images", passed=False, fatal=True, text=text, cases=tuple(drawn))
    return outcome(
        "images",
        [case.case for case in shared],
        "no image is given to two patients",
        lambda names: f"the same image is given to more than one patient (cases {listed(names)})",
    )


def _mask_files(cohort: Cohort) -> CohortCheck:
    """One file of thrombi and veins may serve one case twice; of two patients it can fit one at most."""
    shared = _shared(
        (path, case)
        for case in cohort
        for path in (case.segments, case.thrombi)
        if path is not None
    )
    return outcome(
        "shared-masks",
        [case.case for case in shared],
        "no mask is given to two patients",
        lambda names: (
            f"the same mask is given to more than one patient (cases {listed(names)}); give each its own, or "
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
    return outcome(
        "splits",
        [case.case for case in odd],
        "splits are train, validation or test",
        lambda names: (
            f"{listed(names)} have the split {listed(sorted({case.split for case in odd}))}; it is "
            f"{', '.join(SPLITS)} or empty"
        ),
    )
