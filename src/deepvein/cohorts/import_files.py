"""The images and masks below a folder that is imported, and what is told of them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.cohorts.filenames import NamedFile, channel_numbers, is_prediction, read_name
from deepvein.cohorts.group_names import is_said_of_many
from deepvein.cohorts.told_cases import ToldFile, told_files
from deepvein.core.errors import InputError, MaskError, NothingToScreenError, StudyError
from deepvein.core.progress import Progress
from deepvein.studies.dicom.passes import by_number
from deepvein.studies.location import StudyLocation
from deepvein.studies.masks.colour_tables import table_names
from deepvein.studies.masks.source_series import named_series
from deepvein.studies.nifti import is_nifti
from deepvein.studies.nrrd import is_nrrd
from deepvein.studies.study import Modality

_OTHERS = (
    ".mha", ".mhd", ".img", ".hdr", ".mgz", ".mgh", ".mnc", ".npy", ".npz", ".mat", ".nii.bz2", ".stl",
    ".obj", ".ply", ".vtk", ".vtp", ".mrb", ".mitk", ".roi", ".rois_series", ".am", ".h5", ".hdf5",
)  # fmt: skip
"""What holds images and masks as well, and is not read."""
_PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif")
_TABLES = ("participants.tsv", ".csv", ".xlsx", ".xls", ".ods")

_AIR_HU = -500
"""Values below mean that an image is CT: MR has no negative ones to speak of."""
_MADE_UP = re.compile(
    r"(anonym(ous|i[sz]ed)?|anon|(de.?|un)identified|pseudonym\w*|removed|unknown|none|no.?id|n/?a|patient|test|"
    r"x+|0+|[-_.]+)([\s_^]*(patient|id))?",
    re.IGNORECASE,
)
"""Patient IDs that programs which remove them give to everyone."""
_MOST_NUMBERS = 64
"""Different values that masks have at most; images have more in a few slices."""
_OF_MR = re.compile(r"t[12]|flair|stir|dixon|vibe|tof|dwi|adc|pd|water|fat")
"""What MR is called by in nnU-Net's `dataset.json`."""


@dataclass(frozen=True)
class ImportFile:
    """An image or a mask; study: its Study Instance UID, patient: its Patient ID, empty unless
    DICOM, and where it is what anonymisers give to all; drawn_on: series that a mask names; case: what
    nnU-Net's `dataset.json` calls the case whose file it names (`told_cases`), else empty."""

    path: Path
    name: NamedFile
    modality: Modality | None = None
    study: str = ""
    patient: str = ""
    drawn_on: frozenset[str] = frozenset()
    case: str = ""


@dataclass
class ImportNotes:
    """What is told of an import while it goes on; a file is left out once."""

    guesses: list[str] = field(default_factory=list)
    reasons: dict[Path, str] = field(default_factory=dict)

    def leave(self, path: Path, reason: str) -> None:
        self.reasons.setdefault(path, reason)

    @property
    def left_out(self) -> tuple[str, ...]:
        return tuple(f"{path}: {reason}" for path, reason in self.reasons.items())


def images_below(
    root: Path, modality: Modality | None, notes: ImportNotes, progress: Progress
) -> list[ImportFile]:
    """The images below `root`, each with its modality; `notes` are told of the others."""
    from deepvein.studies.dicom.files import is_archive
    from deepvein.studies.discovery import find_studies

    told_of = told_files(root)
    _tell_missing(told_of, root, notes)
    try:
        found = find_studies(root, progress)
    except StudyError:
        return []
    images, numbered = [], _channels(root)
    for path in sorted(found, key=_counted):
        if is_archive(path):
            notes.leave(path, "it is an archive that is not opened; unpack it")
        elif path.is_symlink() and not path.exists():
            notes.leave(path, "it links to a file that is not there; fetch that (`git annex get`)")
        if path in notes.reasons or path.name.lower().endswith(_OTHERS):
            continue
        file = _as_told(_image(path, root, numbered), told_of)
        if _is_mask(file) or _is_predicted(file, root, notes):
            continue
        if file.name.channel:
            notes.leave(
                file.path, f"it is channel {file.name.channel} of an image; the first one is taken"
            )
            continue
        told = file.modality or modality or file.name.modality or _by_dataset(file, notes)
        told = told or _by_values(file, notes)
        if told is None:
            continue
        if file.name.modality not in (None, told):
            notes.guesses.append(f"{file.path.name} is {told.value}, whatever its name says")
        images.append(replace(file, modality=told))
    return images


def masks_below(root: Path, images: Iterable[ImportFile], notes: ImportNotes) -> list[ImportFile]:
    """All NIfTI, NRRD, SEG and RTSTRUCT files below `root` that are no image."""
    from deepvein.studies.dicom.files import is_dicom
    from deepvein.studies.masks import MASK_READERS

    taken = {image.path for image in images}
    found, numbered, told_of = [], _channels(root), told_files(root)
    _tell_unread(root, notes)
    for path in sorted(root.rglob("*"), key=_counted):
        below = path.relative_to(root)
        hidden = any(part.startswith(".") for part in below.parts)
        if hidden or path in taken or path in notes.reasons or not path.is_file():
            continue
        if any(MASK_READERS.get(name).accepts(path) for name in MASK_READERS.names()):
            if _is_result(path.parent):
                notes.leave(
                    path,
                    "it is a result of deepvein and not the truth; `cohort from-reviews` takes signed ones",
                )
                continue
            name = read_name(below, numbered=path in numbered)
            uid = _dicom_text(path, "StudyInstanceUID") if is_dicom(path) else ""
            file = ImportFile(path, name, study=uid, drawn_on=_series_of(path))
            file = _as_told(file, told_of)
            name = file.name
            if name.kind == "image" and not name.channel:
                notes.leave(
                    file.path,
                    "it is called an image and holds labels or bytes; rename it if it is a mask",
                )
            elif not name.channel and not _is_predicted(file, root, notes):
                found.append(file)
                if uid and _is_automatic(path):
                    notes.guesses.append(
                        f"{path.name} says that a program drew it; it is taken for the truth"
                    )
    return found


def _as_told(file: ImportFile, told: Mapping[Path, ToldFile]) -> ImportFile:
    """A file with case, kind and channel as a table names it, whatever it is called itself."""
    said = told.get(Path(os.path.abspath(file.path)))
    if said is None:
        return file
    name = replace(file.name, key=said.key, kind=said.kind, channel=said.channel)
    return replace(file, name=name, case=said.case)


def _tell_missing(told: Mapping[Path, ToldFile], root: Path, notes: ImportNotes) -> None:
    """`notes` are told of files that tables name and that are not below `root`."""
    top = os.path.abspath(root)
    for path, said in told.items():
        if not path.is_relative_to(top):
            reason = f"{said.table} names it, but it lies outside of {root}; import a folder that holds both"
            notes.leave(path, reason)
        elif not path.exists():
            notes.leave(path, f"{said.table} names it, but it is not there")


def _tell_unread(root: Path, notes: ImportNotes) -> None:
    """`notes` are told of files that may hold masks or what is known of patients, and are of no kind that is
    read."""
    pictures: dict[Path, list[str]] = {}
    for path in sorted(root.rglob("*"), key=_counted):
        below, name = path.relative_to(root), path.name.lower()
        if any(part.startswith(".") for part in below.parts) or not path.is_file():
            continue
        if name.endswith(_OTHERS):
            notes.leave(path, "it is of a kind that is not read; save it as .nii.gz or .nrrd")
        elif name.endswith(_PICTURES) and read_name(below).kind == "mask":
            pictures.setdefault(path.parent, []).append(path.name)
        elif name.endswith(_TABLES) and path.parent == root and not table_names(path):
            notes.leave(
                path,
                "tables are not read; enter what it tells of has_dvt, centre, fold and split into cohort.csv",
            )
    for folder, names in pictures.items():
        notes.leave(
            folder,
            f"pictures in it are called masks, {len(names)} of them, first {names[0]}: they do not say where "
            "they lie; save masks as .nii.gz or .nrrd",
        )


def _series_of(mask: Path) -> frozenset[str]:
    try:
        return named_series(mask)
    except MaskError:  # told where the mask is read
        return frozenset()


def _counted(path: Path) -> tuple[tuple[str | float, ...], ...]:
    """A key that sorts as people count: 2 before 10."""
    return tuple(by_number(part) for part in path.parts)


def _is_result(folder: Path) -> bool:
    """Whether a folder holds what `deepvein screen` wrote."""
    try:
        told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and str(told.get("schema", "")).startswith("deepvein/")


def _is_automatic(path: Path) -> bool:
    """Whether all segments of a SEG are said to be a program's."""
    from pydicom.filereader import dcmread

    try:
        segments = dcmread(path, specific_tags=["SegmentSequence"], force=True).SegmentSequence
        return {str(one.get("SegmentAlgorithmType")) for one in segments} == {"AUTOMATIC"}
    except Exception:  # noqa: BLE001  (whatever a file makes its reader raise)
        return False


def _is_predicted(file: ImportFile, root: Path, notes: ImportNotes) -> bool:
    """Whether a file is called what some model made; `notes` are told."""
    path = StudyLocation.parse(file.path).path
    # MONAI Label keeps what a model drew in `original` and what a reader made of it in `final`.
    drafted = path.parent.name == "original" and (path.parent.parent / "final").is_dir()
    if not (drafted or is_prediction(path.relative_to(root))):
        return False
    notes.leave(file.path, "it is called a prediction, which is neither an image nor the truth")
    return True


def _channels(root: Path) -> frozenset[PurePath]:
    """The files below `root` whose names end with the number of a channel."""
    return channel_numbers(path for path in root.rglob("*") if is_nifti(path) or is_nrrd(path))


def _image(path: Path, root: Path, numbered: Collection[PurePath]) -> ImportFile:
    """A study that was found, with what its first DICOM image says of it."""
    place = StudyLocation.parse(path)
    below = place.path.relative_to(root)
    name = read_name(
        below / "image" if place.path.is_dir() else below, numbered=place.path in numbered
    )
    if is_nifti(place.path) or is_nrrd(place.path):
        return ImportFile(path, name)
    if not place.path.is_dir():
        return _archived(path, name)
    from deepvein.studies.dicom.files import files_below, read_headers

    for header in read_headers(files_below(place.path)):
        if header.frames and place.study_uid in (None, header.study_uid):
            told = next((one for one in Modality if one.value == header.modality), None)
            patient = _own_id(_dicom_text(header.path, "PatientID"))
            return ImportFile(path, name, told, header.study_uid, patient)
    return ImportFile(path, name)


def _archived(path: Path, name: NamedFile) -> ImportFile:
    from deepvein.studies.reading import read_study

    try:
        study = read_study(path)
    except (InputError, NothingToScreenError):
        return ImportFile(path, name)
    return ImportFile(
        path,
        name,
        study.modality,
        study.identity.study_uid,
        _own_id(study.identity.patient_id),
    )


def holds_numbers(array: NDArray[Any]) -> bool:
    """Whether an array holds labels of whatever type: few whole numbers from 0 to 255, and mostly 0."""
    found: set[float] = set()
    for plane in array:
        found.update(np.unique(plane).tolist())
        if len(found) > _MOST_NUMBERS:
            return False
    whole = all(value == int(value) and 0 <= value <= np.iinfo(np.uint8).max for value in found)
    return whole and 2 * int(np.count_nonzero(array)) < array.size


def _is_mask(file: ImportFile) -> bool:
    """Whether a file is a mask by its name, and not an image by its folder and its values, as
    `imagesTr/vein_001.nii.gz` and, where those with DVT have a folder, `thrombus/P1/ct.nii.gz` are."""
    if file.name.kind != "mask" or file.study:
        return False
    place = StudyLocation.parse(file.path).path
    folders = (one for one in reversed(file.path.parts[:-1]) if read_name(PurePath(one, "x")).kind)
    grouped = not read_name(PurePath(place.name)).kind and is_said_of_many(next(folders, ""))
    in_images = read_name(PurePath(place.parent.name, "x")).kind == "image"
    if place.is_dir() or not (in_images or grouped):
        return True
    try:
        return holds_numbers(_values(file.path))
    except (InputError, NothingToScreenError):
        return True


def _values(path: Path) -> NDArray[Any]:
    from deepvein.studies.reading import read_study

    return read_study(path, Modality.MR).volume.array


def _by_dataset(file: ImportFile, notes: ImportNotes) -> Modality | None:
    """As nnU-Net's `dataset.json` beside the file's folder calls its first channel."""
    for folder in file.path.parents[:2]:
        try:
            told = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
            called = str((told.get("channel_names") or told["modality"])["0"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        words = read_name(PurePath(called)).modality
        found = words or (Modality.MR if _OF_MR.match(called.lower()) else None)
        if found is not None:
            notes.guesses.append(f"images are {found.value}, as {folder / 'dataset.json'} says")
        return found
    return None


def _by_values(file: ImportFile, notes: ImportNotes) -> Modality | None:
    """CT where there is air, None for masks and, as `notes` are told, for what does not tell."""
    try:
        values = _values(file.path)
    except (InputError, NothingToScreenError) as error:
        notes.leave(file.path, str(error))
        return None
    if file.name.kind != "image" and holds_numbers(values):
        return None
    least = float(values.min())
    if least > _AIR_HU:
        notes.leave(file.path, "it does not tell whether it is CT or MR; say --modality")
        return None
    notes.guesses.append(f"{file.path.name} is CT, since its values begin at {least:g}")
    return Modality.CT


def _own_id(patient: str) -> str:
    """A Patient ID, empty for one that says nothing."""
    return "" if _MADE_UP.fullmatch(patient.strip()) else patient


def _dicom_text(path: Path, keyword: str) -> str:
    from pydicom.filereader import dcmread

    try:
        return str(dcmread(path, specific_tags=[keyword], force=True).get(keyword, "")).strip()
    except Exception:  # noqa: BLE001  (whatever a file makes its reader raise)
        return ""
