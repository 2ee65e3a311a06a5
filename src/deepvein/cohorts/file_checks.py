"""What the files of a cohort tell once they are read."""

from __future__ import annotations

from collections import defaultdict

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.cohorts.outcomes import CohortCheck, first_of, listed, outcome
from deepvein.cohorts.promised import is_available, is_promised
from deepvein.core.errors import InputError, NothingToScreenError
from deepvein.core.progress import Progress, silent


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
    labels = outcome(
        "labels",
        wrong,
        "has_dvt agrees with the thrombus masks",
        lambda names: f"has_dvt contradicts the thrombus mask of {listed(names)}",
    )
    grids = outcome(
        "grids",
        list(unreadable),
        "every image can be read and its masks belong to it",
        lambda names: (
            f"{len(names)} cases cannot be used: {'; '.join(first_of(unreadable.values()))}"
        ),
    )
    said = [f"{name}: {text}" for name, text in remarks.items()]
    text = "; ".join(first_of(said)) if said else "masks are read as they are"
    twins = [cases for cases in owners.values() if len({case.patient for case in cases}) > 1]
    twins = list({tuple(cases): cases for cases in twins}.values())
    return (
        grids,
        labels,
        _twins(twins),
        CohortCheck("remarks", not said, False, text, tuple(remarks)),
    )


def check_presence(cohort: Cohort) -> CohortCheck:
    """Whether all files are there, or promised."""

    def complete(case: Case) -> bool:
        paths = (case.image, case.segments, case.thrombi)
        return all(path is None or is_available(path) for path in paths)

    return outcome(
        "files",
        [case.case for case in cohort if not complete(case)],
        "all files are there or can be made",
        lambda names: f"files are missing of {listed(names)}",
    )


def _twins(groups: list[list[Case]]) -> CohortCheck:
    """One scan under two names lies on both sides of a division sooner or later."""
    names = [[case.case for case in group] for group in groups]
    text = "; ".join(first_of(f"{listed(group)} have the same image or mask" for group in names))
    cases = tuple(name for group in names for name in group)
    return CohortCheck(
        "twins", not names, False, text or "no two patients have the same image or mask", cases
    )
