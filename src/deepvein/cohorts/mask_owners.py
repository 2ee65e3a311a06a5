"""Which image a mask belongs to, by study, by names and by where it lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from deepvein.cohorts.case import Case
from deepvein.cohorts.filenames import loose_words
from deepvein.cohorts.import_files import ImportFile, ImportNotes
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import InputError, NothingToScreenError
from deepvein.studies.location import StudyLocation


def image_of(mask: ImportFile, cases: Mapping[ImportFile, Case], cache: Path) -> ImportFile | None:
    """The image that a mask belongs to; None for none or several. cases: of all images; copies share one."""
    images = list(cases)
    by_study = [image for image in images if mask.study and image.study == mask.study]
    if mask.drawn_on and not by_study:
        by_study = [one for one in images if mask.drawn_on & _series(one, cases[one], cache)]
    if len(by_study) == 1:
        return by_study[0]
    named = [image for image in images if mask.name.key[: len(image.name.key)] == image.name.key]
    longest = max((len(image.name.key) for image in named), default=0)
    named = by_study or [image for image in named if len(image.name.key) == longest]
    told = [image for image in named if image.modality is mask.name.modality]
    named = told or named
    if len(named) > 1:  # `a/ct` and `A/ct`
        named = [image for image in named if _folder(image) == mask.path.parent] or named
    if len(named) > 1:
        named = [image for image in named if _lies_on(mask, cases[image], cache)]
    return named[0] if _are_one(named, cases) else None


def guessed_image(
    mask: ImportFile,
    cases: Mapping[ImportFile, Case],
    cache: Path,
    notes: ImportNotes,
) -> ImportFile | None:
    """The one image on which a mask lies among those whose words its name holds anywhere, else the only image
    of its folder; None if there is none or several."""
    images = list(cases)
    if mask.study and any(image.study == mask.study for image in images):
        return None
    own = loose_words(mask.name.key)
    named = [image for image in images if image.name.key and _holds(own, image)]
    most = max((len(loose_words(image.name.key)) for image in named), default=0)
    named = [image for image in named if len(loose_words(image.name.key)) == most]
    beside = [image for image in images if _folder(image) == mask.path.parent]
    copies = {image.path for image in images}
    lost = any(path.parent == mask.path.parent for path in notes.reasons.keys() - copies)
    if lost or not _are_one(beside, cases):
        beside = []
    found = [image for image in named or beside if _lies_on(mask, cases[image], cache)]
    if not _are_one(found, cases):
        return None
    how = "whose name it holds" if named else "beside it"
    notes.guesses.append(
        f"{mask.path.name} was taken for a mask of {found[0].path.name}, {how}, on which it lies"
    )
    return found[0]


def why_nobodys(mask: ImportFile, cases: Mapping[ImportFile, Case], cache: Path) -> str:
    """Why a mask is left out for which neither `image_of` nor `guessed_image` gives an image."""
    near = [one for one in cases if _folder(one) == mask.path.parent or _shares(mask, one)]
    names = dict.fromkeys(cases[one].case for one in near if _lies_on(mask, cases[one], cache))
    if len(names) < 2:
        return "no image of this name or study on which it lies was found for the mask"
    shown = ", ".join(map(repr, list(names)[:3])) + (" and more" if len(names) > 3 else "")
    return f"it may belong to any of the cases {shown}, on which it lies; begin its name with that of one"


def _shares(mask: ImportFile, image: ImportFile) -> bool:
    """Whether a mask is called as an image but for what tells images of one patient apart."""
    return bool(mask.name.key) and image.name.key[: len(mask.name.key)] == mask.name.key


def _are_one(images: Sequence[ImportFile], cases: Mapping[ImportFile, Case]) -> bool:
    """Whether images are one, or copies of one, which share their case."""
    return len({cases[image].case for image in images}) == 1


def _holds(words: tuple[str, ...], image: ImportFile) -> bool:
    """True if the words of an image's name stand side by side among `words`."""
    own = loose_words(image.name.key)
    return any(words[start : start + len(own)] == own for start in range(len(words)))


def _folder(image: ImportFile) -> Path:
    place = StudyLocation.parse(image.path).path
    return place if place.is_dir() else place.parent


def _series(image: ImportFile, case: Case, cache: Path) -> set[str]:
    """The series of a DICOM image."""
    try:
        return set(open_case(case, cache).image_series) if image.study else set()
    except (InputError, NothingToScreenError):
        return set()


def _lies_on(mask: ImportFile, case: Case, cache: Path) -> bool:
    try:
        open_case(replace(case, segments=None, thrombi=mask.path, has_dvt=None), cache)
    except (InputError, NothingToScreenError):
        return False
    return True
