"""What the header of an arrived file says: whose it is, where it belongs, whether it can be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deepvein.core.errors import InputError, StudyError
from deepvein.studies.dicom.header import require_small

if TYPE_CHECKING:
    from pathlib import Path

_TAGS = (
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "PatientID",
    "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyDate", "StudyTime",
    "StudyDescription", "Modality", "BodyPartExamined", "SeriesDescription", "SeriesNumber",
)  # fmt: skip

_NEEDED = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")
_SERIES_NUMBER = 0x00200011
"""The last of them."""

_PIXELS = (0x7FE00008, 0x7FE00009, 0x7FE00010)

SCREENED_CLASSES = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.2",  # CT
        "1.2.840.10008.5.1.4.1.1.2.1",  # Enhanced CT
        "1.2.840.10008.5.1.4.1.1.2.2",  # Legacy Converted Enhanced CT
        "1.2.840.10008.5.1.4.1.1.4",  # MR
        "1.2.840.10008.5.1.4.1.1.4.1",  # Enhanced MR
        "1.2.840.10008.5.1.4.1.1.4.3",  # Enhanced MR Color
        "1.2.840.10008.5.1.4.1.1.4.4",  # Legacy Converted Enhanced MR
    }
)
"""Storage SOP classes that a screening reads (PS3.4 B.5); others that come late change no result."""


class UnusableInstanceError(InputError):
    """A file is no instance that can be put into a study; the message is kept with it."""


@dataclass(frozen=True)
class Instance:
    """The header's answers as texts, empty where it says nothing, shortened to what the database holds."""

    uid: str
    sop_class: str
    transfer_syntax: str
    study_uid: str
    series_uid: str
    patient_id: str
    patient_name: str
    birth_date: str
    sex: str
    accession_number: str
    study_date: str
    study_time: str
    study_description: str
    modality: str
    body_part: str
    series_description: str
    series_number: int

    @property
    def is_screened(self) -> bool:
        """Whether a screening could read it."""
        return self.sop_class in SCREENED_CLASSES


def read_instance(path: Path) -> Instance:
    """Read the header of a DICOM file; pixels are not looked at.

    Raises UnusableInstanceError for what is no DICOM file or names no study, series or instance; OSError
    where the disk does not let it be read.
    """
    from pydicom.filereader import read_partial
    from pydicom.tag import Tag

    tags = [Tag(name) for name in _TAGS]
    try:
        with path.open("rb") as file:
            require_small(path, file)
            header = read_partial(file, _is_behind, specific_tags=tags)
            if any(name not in header for name in _NEEDED):  # some write elements in any order
                file.seek(0)
                header = read_partial(file, _is_pixels, specific_tags=tags)
        return _instance(header)
    except UnusableInstanceError:
        raise
    except StudyError as error:
        raise UnusableInstanceError(str(error)) from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # that is the disk's trouble, and may pass
        # A damaged header makes pydicom raise anything.
        raise UnusableInstanceError(
            f"its header cannot be read as DICOM ({type(error).__name__})"
        ) from error


def _is_behind(tag: int, vr: str | None, length: int) -> bool:
    """Whether an element lies behind all that is looked at: most of a header does."""
    del vr, length
    return tag > _SERIES_NUMBER


def _is_pixels(tag: int, vr: str | None, length: int) -> bool:
    del vr, length
    return tag in _PIXELS


def _instance(header: Any) -> Instance:
    def text(name: str, length: int = 64) -> str:
        value = header.get(name)
        return "" if value is None else str(value).replace("\0", "").strip()[:length]

    for name in _NEEDED:
        if not text(name):
            raise UnusableInstanceError(f"its header holds no {name}")
        if len(str(header.get(name))) > 64:
            raise UnusableInstanceError(f"its {name} is longer than 64 characters")
    named = str(header.file_meta.get("MediaStorageSOPInstanceUID", "")).strip("\0 ")
    if named and named != text("SOPInstanceUID"):
        raise UnusableInstanceError("it was sent under another SOP Instance UID than it carries")
    return Instance(
        uid=text("SOPInstanceUID"),
        sop_class=text("SOPClassUID"),
        transfer_syntax=str(header.file_meta.get("TransferSyntaxUID", ""))[:64],
        study_uid=text("StudyInstanceUID"),
        series_uid=text("SeriesInstanceUID"),
        patient_id=text("PatientID", 255),
        patient_name=text("PatientName", 255),
        birth_date=text("PatientBirthDate", 16),
        sex=text("PatientSex", 16),
        accession_number=text("AccessionNumber"),
        study_date=text("StudyDate", 16),
        study_time=text("StudyTime", 32),
        study_description=text("StudyDescription", 255),
        modality=text("Modality", 16),
        body_part=text("BodyPartExamined"),
        series_description=text("SeriesDescription", 255),
        series_number=_whole(text("SeriesNumber")),
    )


def _whole(text: str) -> int:
    try:
        return max(-(2**31), min(int(text), 2**31 - 1))
    except ValueError:
        return 0
