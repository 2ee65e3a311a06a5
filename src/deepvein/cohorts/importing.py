"""Cohorts from folders of images and masks that carry no table yet."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import TABLES, Cohort
from deepvein.cohorts.filenames import is_group, is_visit, without_dates
from deepvein.cohorts.import_files import ImportFile, ImportNotes, images_below, masks_below
from deepvein.cohorts.import_masks import Role, with_masks
from deepvein.cohorts.mask_owners import guessed_image, image_of
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import (
    CohortError,
    InputError,
    NothingToScreenError,
    UsageError,
)
from deepvein.core.progress import Progress, silent
from deepvein.studies.study import Modality

_LONGEST_NAME = 150
_FEW_STUDIES = 3
"""A folder with up to so many images of one modality is taken for one patient's."""


@dataclass(frozen=True)
class Imported:
    """guesses: what was guessed, a sentence each; left_out: file and reason."""

    cohort: Cohort
    guesses: tuple[str, ...]
    left_out: tuple[str, ...]


def import_folder(
    root: Path,
    out: Path,
    *,
    modality: Modality | None = None,
    role: Role | None = None,
    progress: Progress = silent,
) -> Imported:
    """A cohort of what lies below `root`, in any mixture of formats and layouts.

    Images are DICOM studies, NIfTI and NRRD files; masks are files that say so by their name, folder, type
    or DICOM class. A mask belongs to the image of its study, else to the one whose name its own begins
    with; where several share the name, to the one on which it lies. Failing that, it belongs to the one
    image on which it lies of those whose name it holds elsewhere, or to the only one in its folder; that is
    a guess. Several masks of one case and role, as of one thrombus a file, become one below `out`, which
    else gets a cache alone. `has_dvt` is what the thrombus mask shows. Every mask is read; what cannot be used
    is left out with its reason.

    Parameters
    ----------
    root
        The folder; nothing in it is changed.
    out
        Folder of the cohort, which must hold no table yet.
    modality
        Of images that do not tell it.
    role
        What masks show that do not tell it; thrombi if it is not given.
    progress
        Called with (stage, done, total).

    Raises
    ------
    CohortError
        There is no image below `root`.
    UsageError
        `out` holds a table.
    """
    table = next((out / name for name in TABLES if (out / name).exists()), None)
    if table is not None:
        raise UsageError(f"{table} is there already; choose another folder for the cohort")
    notes = ImportNotes()
    images = images_below(root, modality, notes, progress)
    if not images:
        alone = [mask.path.name for mask in masks_below(root, (), notes)]
        told = list(notes.left_out)
        if alone:
            told.append(f"{len(alone)} files are called masks or hold labels, first {alone[0]}")
        said = "; ".join(told) or "it is empty"
        raise CohortError(f"no image was found below {root}: {said}")
    cases = {image: _case(image, images, notes) for image in images}
    found = Cohort(out.resolve(), ())
    cache = found.cache
    drawn: dict[ImportFile, list[ImportFile]] = defaultdict(list)
    masks = masks_below(root, images, notes)
    for mask in masks:
        image = image_of(mask, images, cases, cache) or guessed_image(
            mask, images, cases, cache, notes
        )
        if image is None:
            notes.leave(
                mask.path, "no image of this name or study, or several, was found for the mask"
            )
            continue
        drawn[image].append(mask)
    for done, (image, own) in enumerate(drawn.items()):
        progress("reading masks", done, len(drawn))
        cases[image] = with_masks(cases[image], own, role, found, notes)
    progress("reading masks", len(drawn), len(drawn))
    kept = [_judged(case, cache, notes) for case in cases.values()]
    cohort = replace(found, cases=tuple(case for case in kept if case is not None))
    if not cohort.cases:
        raise CohortError(f"no image below {root} can be used: {'; '.join(notes.left_out)}")
    return Imported(cohort, tuple(dict.fromkeys(notes.guesses)), notes.left_out)


def _case(image: ImportFile, images: Sequence[ImportFile], notes: ImportNotes) -> Case:
    patient = image.patient
    if not patient:
        patient = _patient(image, images)
        how = "their folders" if patient in image.name.folders else "their files"
        notes.guesses.append(
            f"patients without a Patient ID are called as {how}, such as {patient!r}"
        )
    if image.modality is None:  # images without are left out; this tells the type checker
        raise CohortError(f"{image.path} has no modality")
    return Case(_unique(image, images), patient, image.modality, image.path)


def _patient(image: ImportFile, images: Sequence[ImportFile]) -> str:
    """Its folder, if that holds few images and is no visit's, date's or group's; else its own name without
    visits."""
    beside = sum(
        one.path.parent == image.path.parent and one.modality is image.modality for one in images
    )
    own = without_dates("_".join(word for word in image.name.own if not is_visit(word)))
    if own and image.path.parent.name.lower() in ("imagestr", "imagests"):
        return own
    folders = [one for one in image.name.folders if not (is_visit(one) or is_group(one))]
    if folders and (not own or beside <= _FEW_STUDIES):
        return folders[-1]
    return own or "patient"


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


def _judged(case: Case, cache: Path, notes: ImportNotes) -> Case | None:
    """The case, or None if its image cannot be read."""
    try:
        open_case(case, cache)
    except (InputError, NothingToScreenError) as error:
        notes.leave(case.image, str(error))
        return None
    return case
