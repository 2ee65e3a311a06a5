"""DICOM objects without identifiers: the basic profile of PS3.15 Annex E with two of its options.

The table of attributes and actions is that of dicom-anonymizer, edition 2026c, as is what it puts in place
of single values. It applies them to the outermost level alone and replaces whole sequences with words; here
they reach every level, and of reports and outlines remains what cannot name anybody (options Clean Structured
Content and Clean Graphics). UIDs are replaced alike in all objects, so that references hold.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydicom import DataElement, Dataset

_EDITION = "dicomfields_2026c"
_STANDARD = "1.2.840.10008."
"""UIDs below it name things of the standard, not of a patient."""

_REMOVED = "REMOVED"
_DATE, _TIME = "19000101", "000000"
_CURVES, _OVERLAYS = 0x5000, 0x6000

_CLEANED = frozenset(
    {
        "ContentSequence",
        "GraphicAnnotationSequence",
        "VerifyingObserverSequence",
        "ReferencedImageSequence",
        "SourceImageSequence",
    }
)
"""Sequences that the profile replaces, and whose items are cleaned here instead."""

_NEEDED = frozenset({"PresentationCreationDate", "PresentationCreationTime"})
"""What the profile removes although a presentation state must have it."""

_TEXTS = frozenset({"112039", "111001", "111003", "121013", "121014", "121015"})
"""Concepts whose texts stay, since we write them: tracking identifier, name and version of the algorithm,
name, manufacturer and model of the device that observed (all of DCM)."""

_METHODS = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113103", "Clean Graphics Option"),
    ("113104", "Clean Structured Content Option"),
)


class Deidentifier:
    """Takes identifiers out of data sets; the same key gives the same UIDs and pseudonyms."""

    def __init__(self, key: bytes) -> None:
        from dicomanonymizer import simpledicomanonymizer as profile

        self.key = key
        self._actions: dict[tuple[int, ...], Callable[..., None]] = profile.initialize_actions(
            _EDITION
        )
        self._delete = profile.delete
        self._empty = {profile.empty, profile.delete_or_empty}
        self._uids = profile.replace_UID
        self._replace_value = profile.replace_element

    def pseudonym(self, patient_id: str) -> str:
        """What stands for a patient."""
        return f"ANON-{self._digest('patient', patient_id).hex()[:12].upper()}"

    def uid(self, old: str) -> str:
        """What stands for a UID; those of the standard stand for themselves."""
        if not old or old.startswith(_STANDARD):
            return old
        return f"2.25.{uuid.UUID(bytes=self._digest('uid', old)[:16], version=4).int}"

    def clean(self, dataset: Dataset) -> None:
        """Take all identifiers out of an object, in place; its pixels stay as they are."""
        from pydicom import Dataset

        pseudonym = self.pseudonym(str(dataset.get("PatientID", "")))
        self._clean(dataset)
        dataset.PatientID = dataset.PatientName = pseudonym
        dataset.PatientIdentityRemoved = "YES"
        dataset.LongitudinalTemporalInformationModified = "REMOVED"
        items = []
        for value, meaning in _METHODS:
            item = Dataset()
            item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
            items.append(item)
        dataset.DeidentificationMethodCodeSequence = items
        # Titles of application entities, and whatever else somebody wrote before the object.
        syntax = dataset.file_meta.TransferSyntaxUID
        dataset.file_meta.clear()
        dataset.file_meta.TransferSyntaxUID = syntax
        dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.preamble = bytes(128)

    def _digest(self, kind: str, text: str) -> bytes:
        return hmac.new(self.key, f"{kind}:{text}".encode(), hashlib.sha256).digest()

    def _clean(self, dataset: Dataset) -> None:
        for tag in list(dataset.keys()):
            if _is_unknown(tag):
                del dataset[tag]
            else:
                self._act(dataset, dataset[tag])
        if "ValueType" in dataset:
            _clean_content(dataset)

    def _act(self, dataset: Dataset, element: DataElement) -> None:
        """Do with an element what the table says; what it does not name stays, with clean items."""
        action = self._actions.get((element.tag.group, element.tag.element))
        if element.VR == "SQ" and (action is None or element.keyword in _CLEANED):
            for item in element.value:
                self._clean(item)
            if element.keyword == "GraphicAnnotationSequence":
                _clean_graphics(dataset)
        elif action is None:
            if element.VR == "PN":
                element.value = _REMOVED
        elif action is self._uids:
            many = element.VM > 1
            element.value = (
                [self.uid(str(one)) for one in element.value]
                if many
                else self.uid(element.value or "")
            )
        elif action is self._delete and element.keyword not in _NEEDED:
            del dataset[element.tag]
        elif element.VR == "SQ":
            element.value = []  # some of our objects must have it, with or without items
        elif action in self._empty or element.is_empty:
            element.value = None
        else:
            self._replace(element)

    def _replace(self, element: DataElement) -> None:
        dummies = {"DA": _DATE, "TM": _TIME, "DT": _DATE + _TIME}
        if element.VR in dummies:
            element.value = dummies[element.VR]
        else:
            self._replace_value(element)


def _is_unknown(tag: Any) -> bool:
    """Private elements, those that no dictionary knows, and what was drawn into curves and overlays."""
    from pydicom.datadict import dictionary_has_tag

    drawn = tag.group & 0xFF00 in (_CURVES, _OVERLAYS)
    return tag.is_private or drawn or not dictionary_has_tag(tag)


def _clean_content(item: Dataset) -> None:
    """Leave a text of a report only where we write it ourselves."""
    if item.ValueType == "TEXT" and item.get("TextValue") is not None:
        names = item.get("ConceptNameCodeSequence") or ()
        if not any(one.get("CodeValue") in _TEXTS for one in names):
            item.TextValue = _REMOVED
    if item.ValueType == "PNAME":
        item.PersonName = _REMOVED


def _clean_graphics(dataset: Dataset) -> None:
    """Leave outlines without their texts."""
    kept = []
    for item in dataset.GraphicAnnotationSequence:
        item.pop("TextObjectSequence", None)
        if "GraphicObjectSequence" in item:
            kept.append(item)
    dataset.GraphicAnnotationSequence = kept
    if not kept:
        del dataset.GraphicAnnotationSequence
