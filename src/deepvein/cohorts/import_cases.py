"""Cases of the images that are imported: what they are called, whose they are, and what their folders say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from deepvein.cohorts.case import Case
from deepvein.cohorts.filenames import CHANNELLED, words_of
from deepvein.cohorts.group_names import ToldDvt, told_dvt
from deepvein.cohorts.import_files import ImportFile, ImportNotes
from deepvein.cohorts.patient_names import patient_in, patient_of, recurring_folders
from deepvein.cohorts.split_folders import told_splits
from deepvein.cohorts.told_folds import with_folds
from deepvein.core.errors import CohortError
from deepvein.studies.location import StudyLocation

_LONGEST_NAME = 150
_SHORT = re.compile(r"\D{0,8}\d{1,3}")
"""Names that patients of two groups may share: `1`, `P01`, `001`."""
_FEW_STUDIES = 3
"""A folder with up to so many images of one modality is taken for one patient's."""


def cases_of(
    images: Sequence[ImportFile], root: Path, notes: ImportNotes
) -> dict[ImportFile, Case]:
    """A case for each image, without masks; `notes` are told what folders said."""
    recurring = recurring_folders(image.name for image in images)
    cases = _with_own_names({image: _case(image, images, recurring) for image in images})
    return _with_splits(with_folds(_with_groups(cases, root, notes), root, notes), root, notes)


def _case(
    image: ImportFile, images: Sequence[ImportFile], recurring: Collection[tuple[int, str]]
) -> Case:
    if image.modality is None:  # images without are left out; this tells the type checker
        raise CohortError(f"{image.path} has no modality")
    patient = image.patient or _patient(image, images, recurring)
    return Case(_unique(image, images), patient, image.modality, image.path)


def _patient(
    image: ImportFile, images: Sequence[ImportFile], recurring: Collection[tuple[int, str]]
) -> str:
    beside = sum(
        one.path.parent == image.path.parent and one.modality is image.modality for one in images
    )
    bare = image.path.parent.name.lower() in CHANNELLED
    return patient_in(image.name, alone=beside <= _FEW_STUDIES and not bare, recurring=recurring)


def _unique(image: ImportFile, images: Sequence[ImportFile]) -> str:
    """The words of its name; with modality, then with a number where several share them."""
    same = [one for one in images if one.name.key == image.name.key]
    name = "_".join(image.name.key) or "case"
    if len(name) > _LONGEST_NAME:
        return f"case_{images.index(image) + 1}"
    if len(same) == 1:
        return name
    kinds = Counter(one.modality for one in same)
    if image.modality is not None and kinds[image.modality] == 1:
        return f"{name}_{image.modality.value.lower()}"
    return f"{name}_{same.index(image) + 1}"


def _with_own_names(cases: Mapping[ImportFile, Case]) -> dict[ImportFile, Case]:
    """The cases; a number that tells `P01` and `P01` apart may make one of them the name of `P01_1`."""
    found: dict[ImportFile, Case] = {}
    taken: set[str] = set()
    for image, case in cases.items():
        names = (case.case, *(f"{case.case}-{n}" for n in range(2, len(cases) + 2)))
        name = next(one for one in names if one not in taken)
        taken.add(name)
        found[image] = replace(case, case=name)
    return found


def _with_groups(
    cases: Mapping[ImportFile, Case], root: Path, notes: ImportNotes
) -> dict[ImportFile, Case]:
    """The cases with `has_dvt` where folders such as `noDVT` and `controls` say it; where patients of two
    groups share short numbers, these are counted anew in each."""
    below = {image: StudyLocation.parse(image.path).path.relative_to(root) for image in cases}
    by_path = told_dvt(tuple(dict.fromkeys(below.values())))
    told = {image: by_path[path] for image, path in below.items() if path in by_path}
    numbered = {
        image: f"{one.group}_{cases[image].patient}"
        for image, one in told.items()
        if not image.patient
        and _SHORT.fullmatch(cases[image].patient)
        and not _is_below(below[image].parts[: one.place], cases[image].patient)
    }
    sick, free = (
        {cases[image].patient for image in numbered if told[image].has_dvt is known}
        for known in (True, False)
    )
    if sick & free:
        cases = {
            image: replace(case, patient=numbered.get(image, case.patient))
            for image, case in cases.items()
        }
    both = _in_both({image: cases[image].patient for image in told}, told)
    if both:
        notes.guesses.append(
            f"{len(both)} patient(s), first {both[0]!r}, have images among those with DVT and among the "
            "others, which may be later ones; enter has_dvt"
        )
    told = {image: one for image, one in told.items() if cases[image].patient not in both}
    found = {
        image: replace(case, has_dvt=told[image].has_dvt if image in told else None)
        for image, case in cases.items()
    }
    for known in (True, False):
        parts = [one.part for one in told.values() if one.has_dvt is known]
        if parts:
            notes.guesses.append(
                f"names of folders or files, such as {parts[0]!r}, say that {len(parts)} of {len(cases)} "
                f"images {'show DVT' if known else 'show none'}; has_dvt is set by that"
            )
    return found


def _in_both(patients: Mapping[ImportFile, str], told: Mapping[ImportFile, ToldDvt]) -> list[str]:
    """Patients of whom some images lie among those with DVT, and others among those that may be free of it or
    later images of them: `control` and `neg` are visits too, `noDVT` is none."""
    free = {patients[image] for image, one in told.items() if not (one.has_dvt or one.alone)}
    sick = {patients[image] for image, one in told.items() if one.has_dvt}
    return sorted(free & sick)


def _is_below(folders: Sequence[str], patient: str) -> bool:
    return any(patient_of(words_of(folder)) == patient for folder in folders)


def _with_splits(
    cases: Mapping[ImportFile, Case], root: Path, notes: ImportNotes
) -> dict[ImportFile, Case]:
    """The cases with the splits that folders say, if validation is among them, as `train` would find none; the
    split test alone where folds validate."""
    below = {image: StudyLocation.parse(image.path).path.relative_to(root) for image in cases}
    told = told_splits(tuple(dict.fromkeys(below.values())))
    splits = sorted(set(told.values()))
    if not splits:
        return dict(cases)
    if "validation" not in splits and any(case.fold is not None for case in cases.values()):
        tested = [
            image
            for image, case in cases.items()
            if case.fold is None and told[below[image]] == "test"
        ]
        notes.guesses.append(
            f"split is test for {len(tested)} images, as folders say; train on the others with --fold"
        )
        return {**cases, **{image: replace(cases[image], split="test") for image in tested}}
    if "validation" not in splits:
        notes.guesses.append(
            f"folders divide the images into {' and '.join(splits)}; split is left empty, as there is no "
            "validation: enter all three, or train on the part that is meant for it"
        )
        return dict(cases)
    notes.guesses.append(f"split is set by folders: {', '.join(splits)}")
    return {image: replace(case, split=told[below[image]]) for image, case in cases.items()}
