"""Cohorts from folders of images and masks that carry no table yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import TABLES, Cohort
from deepvein.cohorts.filenames import NamedFile, is_visit, loose_words, read_name
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import (
    CohortError,
    InputError,
    MaskError,
    NothingToScreenError,
    StudyError,
    UsageError,
)
from deepvein.core.progress import Progress, silent
from deepvein.studies.location import StudyLocation
from deepvein.studies.nifti import is_nifti
from deepvein.studies.nrrd import is_nrrd
from deepvein.studies.study import Modality

Role = Literal["thrombi", "segments"]

_AIR_HU = -500
"""Values below mean that an image is CT: MR has no negative ones to speak of."""
_FEW_STUDIES = 3
"""A folder with up to so many images of one modality is taken for one patient's."""


@dataclass(frozen=True)
class Imported:
    """guesses: what was guessed, a sentence each; left_out: file and reason."""

    cohort: Cohort
    guesses: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class _File:
    """An image or a mask; study: its Study Instance UID, patient: its Patient ID, empty unless DICOM."""

    path: Path
    name: NamedFile
    modality: Modality | None = None
    study: str = ""
    patient: str = ""


@dataclass
class _Notes:
    """What is told of an import while it goes on; a file is left out once."""

    guesses: list[str] = field(default_factory=list)
    reasons: dict[Path, str] = field(default_factory=dict)

    def leave(self, path: Path, reason: str) -> None:
        self.reasons.setdefault(path, reason)

    @property
    def left_out(self) -> tuple[str, ...]:
        return tuple(f"{path}: {reason}" for path, reason in self.reasons.items())


def import_folder(
    root: Path,
    out: Path,
    *,
    modality: Modality | None = None,
    role: Role | None = None,
    progress: Progress = silent,
) -> Imported:
    """A cohort of what lies below `root`, in any mixture of formats and layouts; only its cache is written.

    Images are DICOM studies, NIfTI and NRRD files; masks are files that say so by their name, folder, type
    or DICOM class. A mask belongs to the image of its study, else to the one whose name its own begins
    with; where several share the name, to the one on which it lies. Failing that, it belongs to the one
    image on which it lies of those whose name it holds elsewhere, or to the only one in its folder; that is
    a guess. `has_dvt` is what the thrombus mask shows. Every mask is read; what cannot be used is left out
    with its reason.

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
    notes = _Notes()
    images = _images(root, modality, notes, progress)
    if not images:
        alone = [mask.path.name for mask in _masks(root, (), notes)]
        told = list(notes.left_out)
        if alone:
            told.append(f"{len(alone)} files are called masks or hold labels, first {alone[0]}")
        said = "; ".join(told) or "it is empty"
        raise CohortError(f"no image was found below {root}: {said}")
    cases = {image: _case(image, images, notes) for image in images}
    cache = Cohort(out.resolve(), ()).cache
    masks = _masks(root, images, notes)
    for done, mask in enumerate(masks):
        progress("reading masks", done, len(masks))
        image = _image_of(mask, images, cases, cache) or _guessed(mask, images, cases, cache, notes)
        if image is None:
            notes.leave(
                mask.path, "no image of this name or study, or several, was found for the mask"
            )
            continue
        for one in _roles(mask, role, notes):
            cases[image] = _with_mask(cases[image], one, mask, cache, notes)
    progress("reading masks", len(masks), len(masks))
    kept = [_judged(case, cache, notes) for case in cases.values()]
    cohort = Cohort(out.resolve(), tuple(case for case in kept if case is not None))
    if not cohort.cases:
        raise CohortError(f"no image below {root} can be used: {'; '.join(notes.left_out)}")
    return Imported(cohort, tuple(dict.fromkeys(notes.guesses)), notes.left_out)


def _images(
    root: Path, modality: Modality | None, notes: _Notes, progress: Progress
) -> list[_File]:
    from deepvein.studies.discovery import find_studies

    try:
        found = find_studies(root, progress)
    except StudyError:
        return []
    images = []
    for path in found:
        file = _image(path, root)
        if file.name.kind == "mask" and not file.study:
            continue
        if file.name.channel:
            notes.leave(
                file.path, f"it is channel {file.name.channel} of an image; the first one is taken"
            )
            continue
        told = file.modality or modality or file.name.modality or _by_values(file, notes)
        if told is None:
            notes.leave(file.path, "it does not tell whether it is CT or MR; say --modality")
            continue
        if file.name.modality not in (None, told):
            notes.guesses.append(f"{file.path.name} is {told.value}, whatever its name says")
        images.append(replace(file, modality=told))
    return images


def _image(path: Path, root: Path) -> _File:
    """A study that was found, with what its first DICOM image says of it."""
    place = StudyLocation.parse(path)
    below = place.path.relative_to(root)
    name = read_name(below / "image" if place.path.is_dir() else below)
    if is_nifti(place.path) or is_nrrd(place.path):
        return _File(path, name)
    if not place.path.is_dir():
        return _archived(path, name)
    from deepvein.studies.dicom.files import files_below, read_headers

    for header in read_headers(files_below(place.path)):
        if header.frames and place.study_uid in (None, header.study_uid):
            told = next((one for one in Modality if one.value == header.modality), None)
            return _File(path, name, told, header.study_uid, _dicom_text(header.path, "PatientID"))
    return _File(path, name)


def _archived(path: Path, name: NamedFile) -> _File:
    from deepvein.studies.reading import read_study

    try:
        study = read_study(path)
    except (InputError, NothingToScreenError):
        return _File(path, name)
    return _File(path, name, study.modality, study.identity.study_uid, study.identity.patient_id)


def _by_values(file: _File, notes: _Notes) -> Modality | None:
    from deepvein.studies.reading import read_study

    try:
        least = float(read_study(file.path, Modality.MR).volume.array.min())
    except (InputError, NothingToScreenError):
        return None
    if least > _AIR_HU:
        return None
    notes.guesses.append(f"{file.path.name} is CT, since its values begin at {least:g}")
    return Modality.CT


def _masks(root: Path, images: Iterable[_File], notes: _Notes) -> list[_File]:
    """All NIfTI, NRRD, SEG and RTSTRUCT files below `root` that are no image."""
    from deepvein.studies.dicom.files import is_dicom
    from deepvein.studies.masks import MASK_READERS

    taken = {image.path for image in images}
    found = []
    for path in sorted(root.rglob("*")):
        below = path.relative_to(root)
        hidden = any(part.startswith(".") for part in below.parts)
        if hidden or path in taken or path in notes.reasons or not path.is_file():
            continue
        if any(MASK_READERS.get(name).accepts(path) for name in MASK_READERS.names()):
            name = read_name(below)
            uid = _dicom_text(path, "StudyInstanceUID") if is_dicom(path) else ""
            file = _File(path, name, study=uid)
            if name.kind == "image" and not name.channel:
                notes.leave(
                    file.path,
                    "it is called an image and holds labels or bytes; rename it if it is a mask",
                )
            elif not name.channel:
                found.append(file)
    return found


def _dicom_text(path: Path, keyword: str) -> str:
    from pydicom.filereader import dcmread

    try:
        return str(dcmread(path, specific_tags=[keyword], force=True).get(keyword, "")).strip()
    except Exception:  # noqa: BLE001  (whatever a file makes its reader raise)
        return ""


def _case(image: _File, images: Sequence[_File], notes: _Notes) -> Case:
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


def _patient(image: _File, images: Sequence[_File]) -> str:
    """Its folder, if that holds few images and is no visit's or date's; else its own name without visits."""
    beside = sum(
        one.path.parent == image.path.parent and one.modality is image.modality for one in images
    )
    own = "_".join(word for word in image.name.own if not is_visit(word))
    folders = [folder for folder in image.name.folders if not is_visit(folder)]
    if folders and (not own or beside <= _FEW_STUDIES):
        return folders[-1]
    return own or "patient"


def _unique(image: _File, images: Sequence[_File]) -> str:
    """The words of its name; with modality, then with a number where several share them."""
    same = [one for one in images if one.name.key == image.name.key]
    name = "_".join(image.name.key) or "case"
    if len(same) == 1:
        return name
    kinds = Counter(one.modality for one in same)
    if image.modality is not None and kinds[image.modality] == 1:
        return f"{name}_{image.modality.value.lower()}"
    return f"{name}_{same.index(image) + 1}"


def _image_of(
    mask: _File, images: Sequence[_File], cases: dict[_File, Case], cache: Path
) -> _File | None:
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


def _guessed(
    mask: _File, images: Sequence[_File], cases: dict[_File, Case], cache: Path, notes: _Notes
) -> _File | None:
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


def _holds(words: tuple[str, ...], image: _File) -> bool:
    """True if the words of an image's name stand side by side among `words`."""
    own = loose_words(image.name.key)
    return any(words[start : start + len(own)] == own for start in range(len(words)))


def _folder(image: _File) -> Path:
    place = StudyLocation.parse(image.path).path
    return place if place.is_dir() else place.parent


def _lies_on(mask: _File, case: Case, cache: Path) -> bool:
    try:
        open_case(replace(case, segments=None, thrombi=mask.path, has_dvt=None), cache)
    except (InputError, NothingToScreenError):
        return False
    return True


def _roles(mask: _File, role: Role | None, notes: _Notes) -> list[Role]:
    """What a mask shows: as its name says, else as its regions are called, else as asked for."""
    from deepvein.studies.masks import read_regions

    if mask.name.thrombi != mask.name.veins:
        return ["thrombi" if mask.name.thrombi else "segments"]
    try:
        regions = read_regions(mask.path)
    except MaskError as error:
        notes.leave(mask.path, str(error))
        return []
    roles: list[Role] = []
    if any(region.thrombus for region in regions):
        roles.append("thrombi")
    if any(region.vein is not None for region in regions):
        roles.append("segments")
    if not roles:
        if role is None:
            notes.guesses.append("masks that do not say what they show are masks of thrombi")
        roles.append(role or "thrombi")
    return roles


def _with_mask(case: Case, role: Role, mask: _File, cache: Path, notes: _Notes) -> Case:
    """The case with a mask, unless it has one of this role or the mask cannot be used."""
    other = getattr(case, role)
    if other is not None:
        notes.leave(mask.path, f"case {case.case!r} has {role} already, {other}")
        return case
    alone = replace(case, segments=None, thrombi=None, has_dvt=None)
    try:
        opened = open_case(_with(alone, role, mask.path), cache)
    except (InputError, NothingToScreenError) as error:
        notes.leave(mask.path, str(error))
        return case
    notes.guesses += opened.remarks
    found = _with(case, role, mask.path)
    return replace(found, has_dvt=opened.shows_thrombus) if role == "thrombi" else found


def _with(case: Case, role: Role, path: Path) -> Case:
    if role == "segments":
        return replace(case, segments=path)
    return replace(case, thrombi=path)


def _judged(case: Case, cache: Path, notes: _Notes) -> Case | None:
    """The case, or None if its image cannot be read."""
    try:
        open_case(case, cache)
    except (InputError, NothingToScreenError) as error:
        notes.leave(case.image, str(error))
        return None
    return case
