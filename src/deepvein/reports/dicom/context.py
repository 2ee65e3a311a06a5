"""What a derived DICOM object says about patient and study: the source's values, where they are valid.

Headers of archives and de-identifiers hold what the standard forbids (a birth date of 00/00/0000, times
with colons). A derived object with such a value is refused by others, so it is repaired or left empty.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from deepvein.studies.dicom.values import text
from deepvein.studies.study import Remark

if TYPE_CHECKING:
    from pydicom import Dataset

UTF_8 = "ISO_IR 192"

_UNDECODED = "\ufffd"
"""Stands for bytes that are not of the character set that the source names."""


@dataclass(frozen=True, eq=False)
class StudyContext:
    """Attributes of the Patient, General Study and Patient Study modules (PS3.3 C.7.1 and C.7.2), in UTF-8.

    remarks: which of the source's values were changed or left out.
    """

    dataset: Dataset
    remarks: tuple[Remark, ...] = ()

    def enter(self, derived: Dataset) -> None:
        """Let an object be of this patient and study."""
        # Copies of the elements, since setting an attribute changes the element that is there.
        for element in self.dataset:
            derived.add_new(element.tag, element.VR, element.value)


def study_context(header: Dataset) -> StudyContext:
    """The patient and study of a source header; attributes that must be there are, if only empty."""
    from pydicom import Dataset
    from pydicom.datadict import dictionary_description

    taken, changed = Dataset(), []
    taken.SpecificCharacterSet = UTF_8
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom's, about what is mended here
        for keyword, repair in (_REQUIRED | _OPTIONAL).items():
            found = text(header, keyword) or _stored(header, keyword)
            value = repair(found)
            if value or keyword in _REQUIRED:
                setattr(taken, keyword, value)
            if value != found:
                became = f"became {value!r}" if value else "was left out"
                changed.append(f"{dictionary_description(keyword)} {found!r} {became}")
    if not changed:
        return StudyContext(taken)
    told = "In the DICOM reports values of the source that are not valid were mended: "
    return StudyContext(taken, (Remark("source-values", told + "; ".join(changed) + "."),))


def valid_date(value: str) -> str:
    """A DICOM date (DA), also from the forms 2024.01.31 and 2024-01-31; empty if there is no such day."""
    parts = re.fullmatch(r"(\d{4})([.-]?)(\d{2})\2(\d{2})", value)
    try:
        return f"{date(int(parts[1]), int(parts[3]), int(parts[4])):%Y%m%d}" if parts else ""
    except ValueError:
        return ""


def valid_time(value: str) -> str:
    """A DICOM time (TM), also from the form 12:30:05 of ACR-NEMA; empty if there is no such time."""
    parts = re.fullmatch(r"(\d{2})(?::?(\d{2})(?::?(\d{2})(\.\d{1,6})?)?)?", value)
    if parts is None or int(parts[1]) > 23 or int(parts[2] or 0) > 59 or int(parts[3] or 0) > 60:
        return ""
    return "".join(part for part in parts.groups() if part)


def _sex(value: str) -> str:
    known = {"M": "M", "MALE": "M", "F": "F", "FEMALE": "F", "O": "O", "OTHER": "O"}
    return known.get(value.upper(), "")


def _age(value: str) -> str:
    parts = re.fullmatch(r"(\d{1,3})([DWMY])", value.upper())
    return f"{int(parts[1]):03d}{parts[2]}" if parts else ""


def _positive(value: str) -> str:
    try:
        number = float(value)
    except ValueError:
        return ""
    return value if 0 < number < 1e6 and len(value) <= 16 else ""


def _yes_no(value: str) -> str:
    return value if value in {"YES", "NO"} else ""


def _words(value: str) -> str:
    """A text without control characters and without bytes that could not be decoded.

    Names and numbers of patients are never cut: shortened they would be another's.
    """
    return "".join(c for c in value.replace(_UNDECODED, "?") if c.isprintable()).strip()


def _name(value: str) -> str:
    """A name without backslashes, which part values; names in an undeclared character set hold their bytes."""
    return _words(value.replace("\\", " "))


def _stored(header: Dataset, keyword: str) -> str:
    """The bytes of a value that cannot be converted, as Latin-1; empty if there are none."""
    item = header.get_item(keyword)
    stored = getattr(item, "value", None)
    return stored.decode("latin-1").strip("\0 ") if isinstance(stored, bytes) else ""


_REQUIRED: dict[str, Callable[[str], str]] = {
    "PatientID": _words,
    "PatientName": _name,
    "PatientBirthDate": valid_date,
    "PatientSex": _sex,
    "StudyInstanceUID": _words,
    "StudyID": _words,
    "StudyDate": valid_date,
    "StudyTime": valid_time,
    "AccessionNumber": _words,
    "ReferringPhysicianName": _name,
}
"""Types 1 and 2."""

_OPTIONAL: dict[str, Callable[[str], str]] = {
    "IssuerOfPatientID": _words,
    "PatientIdentityRemoved": _yes_no,
    "DeidentificationMethod": _words,
    "StudyDescription": _words,
    "PatientAge": _age,
    "PatientSize": _positive,
    "PatientWeight": _positive,
}
