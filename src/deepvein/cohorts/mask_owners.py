"""Which image a mask belongs to, by study, by names and by where it lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from deepvein.cohorts.case import Case
from deepvein.cohorts.filenames import loose_words
from deepvein.cohorts.import_files import ImportFile, ImportNotes
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import InputError, NothingToScreenError
from deepvein.studies.location import StudyLocation


def image_of(
    mask: ImportFile, images: Sequence[ImportFile], cases: dict[ImportFile, Case], cache: Path
) -> ImportFile | None:
    """The image that a mask belongs to; None for none or several."""
    by_study = [image for image in images if mask.study and image.study == mask.study]
    if len(by_study) == 1:
        return by_study[0]
    named = [image for image in images if mask.name.key[: len(image.name.key)] == image.name.key]
    longest = max((len(image.name.key) for image in named), default=0)
    named = by_study or [image for image in named if len(image.name.key) == longest]
    told = [image for image in named if image.modality is mask.name.modality]
    named = told or named
    if len(named) > 1:
        named = [image for image in named if _lies_on(mask, cases[image], cache)]
    return named[0] if len(named) == 1 else None


def guessed_image(
    mask: ImportFile,
    images: Sequence[ImportFile],
    cases: dict[ImportFile, Case],
    cache: Path,
    notes: ImportNotes,
) -> ImportFile | None:
    """The one image on which a mask lies among those whose words its name holds anywhere, else the only image
    of its folder; None if there is none or several."""
    if mask.study and any(image.study == mask.study for image in images):
        return None
    own = loose_words(mask.name.key)
    named = [image for image in images if image.name.key and _holds(own, image)]
    most = max((len(loose_words(image.name.key)) for image in named), default=0)
    named = [image for image in named if len(loose_words(image.name.key)) == most]
    beside = [image for image in images if _folder(image) == mask.path.parent]
    if len(beside) != 1 or any(path.parent == mask.path.parent for path in notes.reasons):
        beside = []
    found = [image for image in named or beside if _lies_on(mask, cases[image], cache)]
    if len(found) != 1:
        return None
    how = "whose name it holds" if named else "beside it"
    notes.guesses.append(
        f"{mask.path.name} was taken for a mask of {found[0].path.name}, {how}, on which it lies"
    )
    return found[0]


def _holds(words: tuple[str, ...], image: ImportFile) -> bool:
    """True if the words of an image's name stand side by side among `words`."""
    own = loose_words(image.name.key)
    return any(words[start : start + len(own)] == own for start in range(len(words)))


def _folder(image: ImportFile) -> Path:
    place = StudyLocation.parse(image.path).path
    return place if place.is_dir() else place.parent


def _lies_on(mask: ImportFile, case: Case, cache: Path) -> bool:
    try:
        open_case(replace(case, segments=None, thrombi=mask.path, has_dvt=None), cache)
    except (InputError, NothingToScreenError):
        return False
    return True
