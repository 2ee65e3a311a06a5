"""Whether a mask is of the patient whose image it is laid on, as far as both say whose they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepvein.core.errors import MaskError
from deepvein.studies.dicom.files import is_dicom
from deepvein.studies.dicom.subject import Subject
from deepvein.studies.dicom.values import tag_of, text

_MADE_UP = re.compile(r"anon|de.?ident|pseudo|removed|unknown|^x+$|^0+$", re.IGNORECASE)
"""What programs that remove names write in their place."""
_WANTED = ("PatientID", "PatientName", "PatientIdentityRemoved")


@dataclass(frozen=True)
class Person:
    """Patient ID and name, empty where a file does not say; de_identified: they are not the true ones."""

    patient_id: str = ""
    patient_name: str = ""
    de_identified: bool = False

    @classmethod
    def of(cls, dataset: Any) -> Person:
        """The patient of a pydicom data set."""
        number, name = text(dataset, "PatientID"), text(dataset, "PatientName")
        removed = text(dataset, "PatientIdentityRemoved").upper() == "YES"
        return cls(number, name, removed or bool(_MADE_UP.search(number) or _MADE_UP.search(name)))

    @property
    def called(self) -> str:
        """How a message calls the patient, empty if there is no name."""
        return self.patient_id or self.patient_name

    def difference(self, other: Person) -> str:
        """What says that they are two patients, empty if nothing does; equal IDs make one of two names."""
        if self.patient_id and self.patient_id.casefold() == other.patient_id.casefold():
            return ""
        one, two = (Subject(who.patient_id, who.patient_name) for who in (self, other))
        return one.difference(two)


def require_same_person(path: Path, image: Person | None) -> tuple[str, ...]:
    """Remarks on a DICOM mask whose patient cannot be compared with the image's.

    A frame of reference may be reused by programs that remove names, so that place alone proves nothing.
    MaskError for a mask of another patient; no remark where both say the same or nothing, for masks of
    other formats, and where `image` is None, of an image that cannot say whose it is.
    """
    if image is None or not is_dicom(path):
        return ()
    mask = _person(path)
    told = image.difference(mask)
    if told and not (image.de_identified or mask.de_identified):
        raise MaskError(
            f"{path.name} is the mask of another patient: image and mask name the {told}; give each image "
            "its own mask"
        )
    if told:
        return (
            f"image and {path.name} name the {told}; one of them was de-identified, so that place alone "
            "tells that they belong together",
        )
    if bool(mask.called) != bool(image.called):
        silent, other = (path.name, "the image") if image.called else ("the image", path.name)
        return (
            f"{silent} names no patient, {other} does; place alone tells that they belong together",
        )
    return ()


def _person(path: Path) -> Person:
    from pydicom.filereader import dcmread

    try:
        tags = [tag_of(keyword) for keyword in _WANTED]
        return Person.of(dcmread(path, specific_tags=tags, force=True, stop_before_pixels=True))
    except Exception as error:
        raise MaskError(f"{path} cannot be read as DICOM; copy it again") from error
