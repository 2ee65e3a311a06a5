"""Cohorts from folders of images and masks that carry no table yet."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import TABLES, Cohort
from deepvein.cohorts.drawn_series import drawn_upon
from deepvein.cohorts.import_cases import cases_of
from deepvein.cohorts.import_files import (
    ImportFile,
    ImportNotes,
    holds_numbers,
    images_below,
    masks_below,
)
from deepvein.cohorts.import_masks import Role, with_masks
from deepvein.cohorts.mask_owners import guessed_image, image_of, why_nobodys
from deepvein.cohorts.opening import OpenCase, open_case
from deepvein.core.errors import (
    CohortError,
    InputError,
    NothingToScreenError,
    UsageError,
)
from deepvein.core.progress import Progress, silent
from deepvein.studies.study import Modality


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
    else gets a cache alone. `has_dvt` is what the thrombus mask shows, or what folders such as `noDVT` and
    `controls` say (`group_names`). Every mask is read; what cannot be used
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
        said = "; ".join(told) or _other_files(root)
        raise CohortError(f"no image was found below {root}: {said}")
    found = Cohort(out.resolve(), ())
    cases = cases_of(images, root, notes)
    opened = {}
    for done, (image, case) in enumerate(cases.items()):
        progress("reading images", done, len(cases))
        opened[image] = _opened(case, found.cache, notes)
    progress("reading images", len(cases), len(cases))
    images = [image for image in images if not _is_mask(image, opened[image])]
    cases = {image: cases[image] for image in images}
    for copy, original in _copies(images, opened).items():
        if not original.study and cases[copy].patient != cases[original].patient:
            notes.guesses.append(
                f"{copy.path} and {original.path} show the same voxels: keep one, or say that they are one "
                "patient's"
            )
            continue
        notes.leave(copy.path, f"it shows the very voxels of {original.path}, which is taken")
        cases[copy] = cases[original]
    _tell_patients(cases, notes)
    drawn = _drawn_for(cases, masks_below(root, images, notes), found.cache, notes)
    kept = {case.case: case for image, case in cases.items() if opened[image] is not None}
    for done, (name, own) in enumerate(drawn.items()):
        progress("reading masks", done, len(drawn))
        if name in kept:
            case = drawn_upon(kept[name], own, found.cache, notes)
            kept[name] = with_masks(case, own, role, found, notes)
    progress("reading masks", len(drawn), len(drawn))
    if not kept:
        raise CohortError(f"no image below {root} can be used: {'; '.join(notes.left_out)}")
    cohort = replace(found, cases=tuple(kept.values()))
    return Imported(cohort, _gathered(notes.guesses), notes.left_out)


def _other_files(root: Path) -> str:
    kinds = Counter(
        path.suffix.lower() or "no suffix" for path in root.rglob("*") if path.is_file()
    )
    if not kinds:
        return "it is empty"
    shown = ", ".join(kind for kind, _ in kinds.most_common(4))
    return f"it holds {kinds.total()} files of other kinds ({shown}); save images as DICOM, .nii.gz or .nrrd"


def _drawn_for(
    cases: Mapping[ImportFile, Case],
    masks: Sequence[ImportFile],
    cache: Path,
    notes: ImportNotes,
) -> dict[str, list[ImportFile]]:
    """The masks of each case, by its name; `notes` are told of those that belong to none."""
    drawn: dict[str, list[ImportFile]] = defaultdict(list)
    for mask in masks:
        image = image_of(mask, cases, cache) or guessed_image(mask, cases, cache, notes)
        if image is None:
            notes.leave(mask.path, why_nobodys(mask, cases, cache))
        else:
            drawn[cases[image].case].append(mask)
    return drawn


def _tell_patients(cases: Mapping[ImportFile, Case], notes: ImportNotes) -> None:
    """How many patients were told by names, and an example: what to look through first."""
    bare = [
        (image, case.patient)
        for image, case in cases.items()
        if not image.patient and image.path == case.image
    ]
    if bare:
        names = dict.fromkeys(patient for _, patient in bare)
        image, patient = bare[0]
        notes.guesses.append(
            f"{len(bare)} images have no Patient ID of their own and were taken for {len(names)} patients by "
            f"the names of files and folders, such as {image.path.name} for {patient!r}"
        )


def _opened(case: Case, cache: Path, notes: ImportNotes) -> OpenCase | None:
    """The case's image, or None if it cannot be read."""
    try:
        return open_case(case, cache)
    except (InputError, NothingToScreenError) as error:
        notes.leave(case.image, str(error))
        return None


def _is_mask(image: ImportFile, opened: OpenCase | None) -> bool:
    """Whether a file that nothing calls an image holds labels, as programs write masks of 16 bits."""
    if opened is None or image.study or image.name.kind == "image":
        return False
    return holds_numbers(opened.image.array)


def _copies(
    images: Sequence[ImportFile], opened: Mapping[ImportFile, OpenCase | None]
) -> dict[ImportFile, ImportFile]:
    """Files whose voxels and place are another image's, as those of NIfTI made of DICOM, and that other.

    DICOM is never a copy: masks name its study.
    """
    firsts: dict[tuple[str, str], ImportFile] = {}
    found = {}
    for image in sorted(images, key=lambda one: not one.study):
        seen = opened[image]
        if seen is not None:
            place = (seen.image.grid.affine.round(1) + 0.0).tolist()
            first = firsts.setdefault((seen.image_digest, str(place)), image)
            if first is not image and not image.study:
                found[image] = first
    return found


def _gathered(guesses: Sequence[str]) -> tuple[str, ...]:
    """What is said of many files alike is said once."""
    alike: dict[str, list[str]] = defaultdict(list)
    for guess in dict.fromkeys(guesses):
        name, _, said = guess.partition(" ")
        alike[said if "." in name else guess].append(guess)
    return tuple(
        said[0] if len(said) == 1 else f"{said[0]} (so with {len(said) - 1} more)"
        for said in alike.values()
    )
