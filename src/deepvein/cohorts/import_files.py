"""The images and masks below a folder that is imported, and what is told of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from deepvein.cohorts.filenames import NamedFile, is_prediction, read_name
from deepvein.core.errors import InputError, NothingToScreenError, StudyError
from deepvein.core.progress import Progress
from deepvein.studies.location import StudyLocation
from deepvein.studies.nifti import is_nifti
from deepvein.studies.nrrd import is_nrrd
from deepvein.studies.study import Modality

_OTHERS = (
    ".mha",
    ".mhd",
    ".img",
    ".hdr",
    ".mgz",
    ".mgh",
    ".mnc",
    ".npy",
    ".npz",
    ".mat",
    ".nii.bz2",
    ".stl",
)
"""What holds images and masks as well, and is not read."""

_AIR_HU = -500
"""Values below mean that an image is CT: MR has no negative ones to speak of."""


@dataclass(frozen=True)
class ImportFile:
    """An image or a mask; study: its Study Instance UID, patient: its Patient ID, empty unless DICOM."""

    path: Path
    name: NamedFile
    modality: Modality | None = None
    study: str = ""
    patient: str = ""


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

    try:
        found = find_studies(root, progress)
    except StudyError:
        return []
    images = []
    for path in found:
        if is_archive(path):
            notes.leave(path, "it is an archive that is not opened; unpack it")
        if is_archive(path) or path.name.lower().endswith(_OTHERS):
            continue
        file = _image(path, root)
        if file.name.kind == "mask" and not file.study:
            continue
        if _is_predicted(file, root, notes):
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


def masks_below(root: Path, images: Iterable[ImportFile], notes: ImportNotes) -> list[ImportFile]:
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
        if path.name.lower().endswith(_OTHERS):
            notes.leave(path, "it is of a kind that is not read; save it as .nii.gz or .nrrd")
        if any(MASK_READERS.get(name).accepts(path) for name in MASK_READERS.names()):
            if _is_result(path.parent):
                notes.leave(
                    path,
                    "it is a result of deepvein and not the truth; `cohort from-reviews` takes signed ones",
                )
                continue
            name = read_name(below)
            uid = _dicom_text(path, "StudyInstanceUID") if is_dicom(path) else ""
            file = ImportFile(path, name, study=uid)
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
    if not is_prediction(StudyLocation.parse(file.path).path.relative_to(root)):
        return False
    notes.leave(file.path, "it is called a prediction, which is neither an image nor the truth")
    return True


def _image(path: Path, root: Path) -> ImportFile:
    """A study that was found, with what its first DICOM image says of it."""
    place = StudyLocation.parse(path)
    below = place.path.relative_to(root)
    name = read_name(below / "image" if place.path.is_dir() else below)
    if is_nifti(place.path) or is_nrrd(place.path):
        return ImportFile(path, name)
    if not place.path.is_dir():
        return _archived(path, name)
    from deepvein.studies.dicom.files import files_below, read_headers

    for header in read_headers(files_below(place.path)):
        if header.frames and place.study_uid in (None, header.study_uid):
            told = next((one for one in Modality if one.value == header.modality), None)
            return ImportFile(
                path, name, told, header.study_uid, _dicom_text(header.path, "PatientID")
            )
    return ImportFile(path, name)


def _archived(path: Path, name: NamedFile) -> ImportFile:
    from deepvein.studies.reading import read_study

    try:
        study = read_study(path)
    except (InputError, NothingToScreenError):
        return ImportFile(path, name)
    return ImportFile(
        path, name, study.modality, study.identity.study_uid, study.identity.patient_id
    )


def _by_values(file: ImportFile, notes: ImportNotes) -> Modality | None:
    from deepvein.studies.reading import read_study

    try:
        least = float(read_study(file.path, Modality.MR).volume.array.min())
    except (InputError, NothingToScreenError):
        return None
    if least > _AIR_HU:
        return None
    notes.guesses.append(f"{file.path.name} is CT, since its values begin at {least:g}")
    return Modality.CT


def _dicom_text(path: Path, keyword: str) -> str:
    from pydicom.filereader import dcmread

    try:
        return str(dcmread(path, specific_tags=[keyword], force=True).get(keyword, "")).strip()
    except Exception:  # noqa: BLE001  (whatever a file makes its reader raise)
        return ""
